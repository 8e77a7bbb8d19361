import {
  type Confirmation,
  confirmation,
  credentialReference,
  type Principal,
  principal,
  type Restrictions,
  restrictions,
} from '@countersign/contracts';
import { z } from 'zod';
import { deepFreeze } from './deep-freeze.js';
import type { Moment } from '../moment.js';

/**
 * An answer as a client reads it: by the wire's schema, but members that a newer service adds are left
 * out instead of refused. What binds a credential is read strictly: not to know a member of `cnf` or a
 * restriction would be to ignore it.
 */
const readableAnswer = z.union([
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    client_id: z.string(),
    exp: z.number().optional(),
    cnf: confirmation.optional(),
    restrictions: z.array(restrictions).optional(),
    principal: z.object({
      ...principal.shape,
      credential: z.object(credentialReference.shape),
    }),
  }),
]);

/** The service says that a credential is good. Frozen, all the way down. */
export interface ActiveAnswer {
  readonly active: true;
  /** Before it was asked: what the answer says was true at some time after this. */
  readonly askedAt: Moment;
  readonly principal: Principal;
  /** The key, or the federated identity, that the credential is or comes from. */
  readonly clientId: string;
  /** NumericDate. */
  readonly expiresAt: number | undefined;
  readonly confirmation: Confirmation | undefined;
  /**
   * Each of them counts. Undefined: the service does not tell; then the answer holds for nothing but the
   * request that was asked about.
   */
  readonly restrictions: readonly Restrictions[] | undefined;
}

export interface InactiveAnswer {
  readonly active: false;
  readonly askedAt: Moment;
}

export type IntrospectionAnswer = ActiveAnswer | InactiveAnswer;

/**
 * Reads the body of an answer; undefined when it is none.
 * @see RFC 7662 §2.2
 */
export function readAnswer(body: unknown, askedAt: Moment): IntrospectionAnswer | undefined {
  const { data: answer } = readableAnswer.safeParse(body);
  if (answer === undefined) return undefined;
  if (!answer.active) return { active: false, askedAt };
  return deepFreeze({
    active: true,
    askedAt,
    principal: answer.principal,
    clientId: answer.client_id,
    expiresAt: answer.exp,
    confirmation: answer.cnf,
    restrictions: answer.restrictions,
  });
}

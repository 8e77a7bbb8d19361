import type { Explanation, RejectionCode } from '@countersign/contracts';
import {
  Authenticator,
  CHECKS,
  type Examination,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { canSee } from '../introspect/can-see.js';
import { canSeeAny } from '../introspect/can-see-any.js';
import type { DecisionQuestion } from './decisions.js';

/**
 * What anybody can tell by the text of a credential and our public keys. All other reasons tell of
 * what we know about a key, which is for whom may see the key.
 */
const TOLD_BY_THE_TEXT: ReadonlySet<RejectionCode> = new Set<RejectionCode>([
  'unrecognised',
  'bad_tag',
  'malformed_token',
  'unsupported_algorithm',
  'unknown_signing_key',
  'bad_signature',
  'wrong_issuer',
  'malformed_claims',
]);

/** Of a trusted issuer's token, also this: what it says of itself, held against the clock. */
const TOLD_BY_A_FOREIGN_TEXT: ReadonlySet<RejectionCode> = new Set<RejectionCode>([
  'wrong_type',
  'not_yet_valid',
  'expired',
]);

const NOT_REACHED = { outcome: 'not_reached' } as const;
const PASSED = { outcome: 'passed' } as const;

/** Says what each step of a decision found, as far as the caller may know. */
@Injectable()
export class Explainer {
  constructor(
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {}

  /** @throws {DependencyUnavailable} */
  async explain(
    caller: VerifiedCredential,
    { credential, audience }: DecisionQuestion,
    examination: Examination,
  ): Promise<Explanation> {
    const { kind, verified } = examination;
    const recognised = kind !== 'unrecognised';
    const rejection = await this.#rejection(caller, credential, examination);
    const begun = {
      present: { ...PASSED, characters: credential.length },
      recognise: { outcome: recognised ? 'passed' : 'failed', kind },
    } as const;
    if (rejection !== undefined || !verified.ok) {
      return {
        ...begun,
        verify: recognised
          ? { outcome: 'failed', ...(rejection && { code: rejection }) }
          : NOT_REACHED,
        principal: NOT_REACHED,
        decide: { ...NOT_REACHED, checks: [] },
      };
    }
    return {
      ...begun,
      verify: PASSED,
      principal: {
        ...PASSED,
        subject: verified.principal.subject,
        credential_id: verified.principal.credential.id,
        scopes: [...this.authenticator.scopesAt(verified, audience)],
      },
      decide: decisionOf(examination),
    };
  }

  /**
   * Why the credential did not get past verification; undefined: it did. What the caller may not
   * see is unknown to it.
   */
  async #rejection(
    caller: VerifiedCredential,
    credential: string,
    { kind, verified }: Examination,
  ): Promise<RejectionCode | undefined> {
    if (verified.ok) return this.#canSee(caller, verified) ? undefined : 'unknown_credential';
    if (TOLD_BY_THE_TEXT.has(verified.code)) return verified.code;
    if (kind === 'federated_token') {
      // The rest tells how its issuer is trusted, or who has an identity here.
      const isTold = TOLD_BY_A_FOREIGN_TEXT.has(verified.code) || canSeeAny(caller, undefined);
      return isTold ? verified.code : 'unknown_credential';
    }
    const meant = kind === 'api_key' ? await this.authenticator.identify(credential) : undefined;
    return this.#canSee(caller, meant) ? verified.code : 'unknown_credential';
  }

  #canSee(caller: VerifiedCredential, credential: VerifiedCredential | undefined): boolean {
    return credential !== undefined && canSee(caller, credential, this.config.issuer);
  }
}

function decisionOf({ failures }: Examination): Explanation['decide'] {
  const codes = new Map(failures.map(({ check, code }) => [check, code]));
  return {
    outcome: failures.length === 0 ? 'passed' : 'failed',
    checks: CHECKS.map((check) => {
      const code = codes.get(check);
      return { check: check.name, outcome: code ? 'failed' : 'passed', ...(code && { code }) };
    }),
  };
}

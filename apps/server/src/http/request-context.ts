import type { AuditActor } from '@countersign/persistence';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller-authenticator.js';
import { type IdempotentRequest, idempotentRequest } from './idempotent-request.js';
import { PREFER_HEADER, preferredWaitSeconds } from './preferred-wait.js';

/** What a use case knows of the request beside its parameters. */
export interface RequestContext {
  readonly caller: Caller;
  /** Who the audit trail names. */
  readonly actor: AuditActor;
  /** What makes a retry of this request recognisable; null when its sender did not ask for it. */
  readonly idempotent: IdempotentRequest | null;
  /** How long it is ready to wait until all replicas know; null: it does not say. */
  readonly preferredWaitSeconds: number | null;
}

/** Hands a route the context of its request. Only for routes that authenticate their caller. */
export const CurrentRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = callerOf(request);
    return {
      caller,
      actor: actorOf(caller, request),
      idempotent: idempotentRequest(request),
      preferredWaitSeconds: preferredWaitSeconds(request.headers[PREFER_HEADER]),
    };
  },
);

/** Hands a route its caller. Only for routes that authenticate one. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller =>
    callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === undefined) throw new Error('a public route asks for its caller');
  return caller;
}

// Long enough for any honest client; a header may be as long as 16 KiB.
const USER_AGENT_MAX_CHARACTERS = 256;

/** Who the audit trail names as the author of what this request changes. */
export function actorOf(
  { principal }: Caller,
  request: Pick<FastifyRequest, 'headers' | 'id'> & { readonly ip: string | undefined },
): AuditActor {
  return {
    principalId: principal.subject,
    credentialType: principal.credential.type,
    credentialId: principal.credential.id,
    sourceIp: request.ip ?? null,
    userAgent: userAgentOf(request),
    requestId: request.id,
  };
}

/** The client's own word about itself, at most 256 characters of it. */
export function userAgentOf({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  return headers['user-agent']?.slice(0, USER_AGENT_MAX_CHARACTERS) ?? null;
}

import { type CountersignScope, satisfiesScope } from '@countersign/contracts';
import { DependencyUnavailable, presentedCredential, Secret } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientCertificates } from '../client-certificates/client-certificates.js';
import { CallerAuthenticator, type CallerOutcome } from './caller-authenticator.js';
import './fastify-request.js';

/** The caller of a request that goes on, such as a stream. */
export interface HeldCaller {
  readonly principalId: string;
  /** The organization that it is limited to; null: none. */
  readonly organizationId: string | null;
  /**
   * Whether it may still do what it began. A promise only where memory does not suffice. What cannot
   * be told now counts as before.
   */
  isStillGood(): boolean | Promise<boolean>;
}

/** Holds on to callers whose credentials have to be decided on again and again. */
@Injectable()
export class HeldCallers {
  constructor(
    private readonly authenticator: CallerAuthenticator,
    private readonly certificates: ClientCertificates,
  ) {}

  /**
   * @param request of a route that has authenticated its caller
   * @param scope what the caller must go on to hold
   */
  hold(request: FastifyRequest, scope: CountersignScope): HeldCaller {
    const presented = presentedCredential(request.headers);
    if (request.caller === undefined || !('credential' in presented)) {
      throw new Error('a caller is to be held that was not authenticated');
    }
    const { organizationId, principalId } = request.caller.keyState;
    const credential = new Secret(presented.credential);
    const context = {
      ip: request.ip ?? null,
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '/',
      certificateThumbprint: this.certificates.ofSender(request)?.thumbprint,
    };
    const isGood = (outcome: CallerOutcome) =>
      outcome.ok &&
      outcome.caller.keyState.organizationId === organizationId &&
      satisfiesScope(outcome.caller.principal.scopes, scope);
    return {
      principalId,
      organizationId,
      isStillGood: () => {
        try {
          const outcome = this.authenticator.redecide(credential.reveal(), context);
          if (!(outcome instanceof Promise)) return isGood(outcome);
          return outcome.then(isGood, isOutage);
        } catch (error) {
          return isOutage(error);
        }
      },
    };
  }
}

/** Whether it only cannot be told now. Anything else is an error of ours, and ends what goes on. */
function isOutage(error: unknown): boolean {
  return error instanceof DependencyUnavailable;
}

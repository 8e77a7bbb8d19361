import { Authenticator, rootOf } from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import {
  type CallContext,
  CallerAuthenticator,
  type CallerOutcome,
} from '../http/caller-authenticator.js';

/** Establishes the callers of the control plane the same way as every other credential. */
@Injectable()
export class CoreCallerAuthenticator extends CallerAuthenticator {
  constructor(
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {
    super();
  }

  override async authenticate(credential: string, context: CallContext): Promise<CallerOutcome> {
    const outcome = await this.authenticator.authenticate(credential, {
      nowMs: Date.now(),
      audience: context.audienceCheck === 'issuer' ? this.config.issuer : undefined,
      request: { ip: context.ip ?? undefined, method: context.method, path: context.path },
      purpose: 'use',
    });
    if (!outcome.ok) return outcome;
    const { state } = rootOf(outcome);
    return { ok: true, caller: { principal: outcome.principal, keyState: state } };
  }
}

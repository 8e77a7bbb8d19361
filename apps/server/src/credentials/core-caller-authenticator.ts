import {
  Authenticator,
  BindingVerifier,
  type Outcome,
  rootOf,
  type VerifiedCredential,
} from '@countersign/core';
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
    private readonly bindings: BindingVerifier,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {
    super();
  }

  override async authenticate(credential: string, context: CallContext): Promise<CallerOutcome> {
    const nowMs = Date.now();
    const { scheme, proof, method, path } = context;
    const { issuer } = this.config;
    const bound = { scheme, proof, method, url: issuer + path, accessToken: credential };
    const binding = await this.bindings.ofResourceRequest(bound, nowMs);
    if (!binding.ok) return binding;
    if (binding.nextNonce !== undefined) context.offerNonce(binding.nextNonce);
    const outcome = await this.authenticator.authenticate(credential, {
      nowMs,
      audience: context.audienceCheck === 'issuer' ? issuer : undefined,
      request: { ip: context.ip ?? undefined, method, path },
      purpose: 'use',
      binding,
      certificateThumbprint: context.certificateThumbprint,
    });
    if (!outcome.ok) {
      return outcome.code === 'replayed' ? this.bindings.refuseReplay(nowMs) : outcome;
    }
    return callerOf(outcome);
  }

  override redecide(
    credential: string,
    { ip, method, path, certificateThumbprint }: Parameters<CallerAuthenticator['redecide']>[1],
  ): CallerOutcome | Promise<CallerOutcome> {
    const outcome = this.authenticator.authenticate(credential, {
      nowMs: Date.now(),
      audience: this.config.issuer,
      request: { ip: ip ?? undefined, method, path },
      purpose: 'use',
      // A proof is for one request, which this one was let in with.
      binding: 'unchecked',
      certificateThumbprint,
      dryRun: true,
    });
    return outcome instanceof Promise ? outcome.then(toCallerOutcome) : toCallerOutcome(outcome);
  }
}

function toCallerOutcome(outcome: Outcome): CallerOutcome {
  return outcome.ok ? callerOf(outcome) : outcome;
}

function callerOf(credential: VerifiedCredential): CallerOutcome {
  const { principal } = credential;
  return { ok: true, caller: { principal, keyState: rootOf(credential).state } };
}

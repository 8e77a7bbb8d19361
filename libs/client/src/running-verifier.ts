import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteKeySet } from '@countersign/verify';
import type { ServiceParts } from './credential-verifier.js';
import type { OwnTokenVerifier } from './local/own-token-verifier.js';
import { momentOf } from './moment.js';
import type { VerifierSettings } from './read-verifier-options.js';
import type { RequestVerifier } from './request-verifier.js';
import type { Challenges } from './request/challenges.js';
import { untilAborted } from './service/until-aborted.js';
import { unavailable } from './unavailable.js';
import type { Staleness, Verifier } from './verifier.js';
import { VerifierClosed } from './verifier-closed.js';
import type { VerifierReports } from './verifier-reports.js';
import type { VerifiableRequest, VerifyOptions } from './verify-input.js';
import type { RefusedCredential, VerifyResult } from './verify-result.js';

const KEYS_RETRY_MS = 1000;
/** The longest that a timer can be. */
const ALIVE_MS = 2 ** 31 - 1;

export interface RunningVerifierParts {
  readonly settings: VerifierSettings;
  readonly keySet: RemoteKeySet;
  readonly ownTokens: OwnTokenVerifier;
  readonly service: ServiceParts | undefined;
  readonly requests: RequestVerifier;
  readonly challenges: Challenges;
  readonly reports: VerifierReports;
}

const NO_OPTIONS: VerifyOptions = {};

/** A verifier from its creation, when it begins to follow the feed, until it is closed. */
export class RunningVerifier implements Verifier {
  readonly #closed = new AbortController();

  constructor(private readonly parts: RunningVerifierParts) {
    parts.service?.feed.start();
  }

  verify(
    credentialOrRequest: string | VerifiableRequest,
    options: VerifyOptions = NO_OPTIONS,
  ): Promise<VerifyResult> {
    try {
      const result = this.#verify(credentialOrRequest, options);
      const { reports } = this.parts;
      if (!reports.wantsVerified) return Promise.resolve(result);
      return Promise.resolve(result).then((settled) => {
        reports.verified(settled);
        return settled;
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  insufficientScope(
    scopes: readonly string[],
    scheme: 'Bearer' | 'DPoP' = 'Bearer',
  ): RefusedCredential {
    return this.parts.challenges.insufficientScope(scopes.join(' '), scheme);
  }

  staleness(): Staleness {
    const { service, settings } = this.parts;
    const { limitMs, policy } = settings;
    const ageMs = service?.feed.ageMs(momentOf(settings.clock)) ?? Infinity;
    const entries = service?.revocations.size ?? 0;
    const organization = service?.revocations.organization;
    return { ageMs, limitMs, fresh: ageMs <= limitMs, policy, entries, organization };
  }

  async ready(signal?: AbortSignal): Promise<void> {
    // What is tried again and again beside keeps no process alive; that somebody waits for it does.
    const alive = setInterval(() => {}, ALIVE_MS);
    const over = new AbortController();
    const ends = over.signal;
    try {
      const ready = Promise.all([this.#keys(ends), this.parts.service?.feed.fresh(ends)]);
      const unlessClosed = untilAborted(ready, this.#closed.signal);
      await (signal === undefined ? unlessClosed : untilAborted(unlessClosed, signal));
    } finally {
      over.abort();
      clearInterval(alive);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new VerifierClosed());
    const { ownTokens, service } = this.parts;
    ownTokens.clear();
    service?.answers.close();
    await service?.feed.close();
  }

  #verify(
    input: string | VerifiableRequest,
    options: VerifyOptions,
  ): VerifyResult | Promise<VerifyResult> {
    if (this.#closed.signal.aborted) return unavailable('closed');
    return this.parts.requests.verify(input, options);
  }

  /** Resolves once there are keys. */
  async #keys(ends: AbortSignal): Promise<void> {
    const { keySet } = this.parts;
    while (keySet.fresh.size === 0 && !ends.aborted) {
      // That no key has this name is told only by a set that was fetched.
      const keys = await keySet.keysFor('').catch(() => undefined);
      if (keys !== undefined && keys.size > 0) return;
      await sleep(KEYS_RETRY_MS, undefined, { ref: false, signal: ends }).catch(() => {});
    }
  }
}

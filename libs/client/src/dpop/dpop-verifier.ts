import { type DpopRequest, type PresentedBinding, verifyDpopProof } from '@countersign/verify';
import type { Moment } from '../moment.js';
import type { DpopOptions } from '../verifier-options.js';
import { ReplayMemory } from './replay-memory.js';

const MAX_AGE_SECONDS = 60;
const REPLAY_MEMORY = 100_000;

/** A proof that holds for the request that it came with. */
export interface ProvenKey {
  readonly ok: true;
  readonly binding: PresentedBinding;
  /** To hand to the sender, where the nonce in its proof is not the newest. */
  readonly nextNonce: string | undefined;
  /** Marks the proof as used, once the credential that came with it was accepted. */
  spend(nowMs: number): 'new' | 'spent' | 'full';
}

/** A proof that does not hold, or needs a nonce. */
export interface RefusedProof {
  readonly ok: false;
  readonly code: 'invalid_dpop_proof' | 'use_dpop_nonce';
  readonly nonce: string | undefined;
}

/**
 * Verifies DPoP proofs, and takes none twice. Without nonces a proof is as recent as it says: it bears the
 * hash of its access token, so that it cannot have been made before the token was issued, some minutes
 * ago at most.
 * @see RFC 9449 §4.3, §7, §9, §11.1, §11.2
 */
export class DpopVerifier {
  readonly #replays: ReplayMemory;
  readonly #baseUrl: string;

  constructor(
    private readonly options: DpopOptions,
    private readonly clockToleranceSeconds: number,
  ) {
    const { maxAgeSeconds = MAX_AGE_SECONDS, replayMemory = REPLAY_MEMORY } = options;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#replays = new ReplayMemory((maxAgeSeconds + clockToleranceSeconds) * 1000, replayMemory);
  }

  /** @param path of the request, where `url` is not known */
  async verify(
    request: Omit<DpopRequest, 'url' | 'method'> & {
      readonly method: string | undefined;
      readonly url: string | undefined;
      readonly path: string | undefined;
    },
    now: Moment,
  ): Promise<ProvenKey | RefusedProof> {
    const { nonces, maxAgeSeconds } = this.options;
    const { proof, method = '', accessToken, path = '' } = request;
    const url = request.url ?? this.#baseUrl + path;
    const verified = await verifyDpopProof(
      { proof, method, url, accessToken },
      {
        nowSeconds: now.wallMs / 1000,
        clockToleranceSeconds: this.clockToleranceSeconds,
        maxAgeSeconds,
        isNonceValid: nonces && ((nonce) => nonces.isValid(nonce)),
      },
    );
    const nonce = nonces?.current();
    if (!verified.ok) return { ok: false, code: verified.code, nonce };
    const { jkt, jti } = verified;
    return {
      ok: true,
      binding: { scheme: 'DPoP', jkt },
      nextNonce: verified.nonce === nonce ? undefined : nonce,
      spend: (nowMs) => this.#replays.spend(jkt, jti, nowMs),
    };
  }
}

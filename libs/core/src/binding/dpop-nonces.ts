import { createHmac, timingSafeEqual } from 'node:crypto';

/** A nonce is good in the epoch that it was made in, and in the next: one to two minutes. */
const EPOCH_MS = 60_000;
const EPOCH_OCTETS = 6;
const MAC_OCTETS = 16;
const NONCE = /^[A-Za-z0-9_-]{30}$/;

/**
 * The nonces that DPoP proofs have to bear: the number of the current minute with an HMAC over it.
 * Every replica can check what another has handed out, and there is nothing to store.
 * @see RFC 9449 §8
 */
export class DpopNonces {
  #latest: { readonly epoch: number; readonly nonce: string } | undefined;

  /** @param nonceKeys 32 bytes each; the first makes, any of them verifies */
  constructor(private readonly nonceKeys: readonly [Buffer, ...Buffer[]]) {}

  /** The nonce of this moment; the same for everybody. */
  current(nowMs: number): string {
    const epoch = epochAt(nowMs);
    if (this.#latest?.epoch !== epoch) {
      this.#latest = { epoch, nonce: nonceUnder(this.nonceKeys[0], epoch) };
    }
    return this.#latest.nonce;
  }

  /** When a nonce was made; undefined: not by us, or not lately. A replica may be ahead of us. */
  epochOf(nonce: string, nowMs: number): number | undefined {
    if (!NONCE.test(nonce)) return undefined;
    const epoch = Buffer.from(nonce, 'base64url').readUIntBE(0, EPOCH_OCTETS);
    const now = epochAt(nowMs);
    if (epoch < DpopNonces.oldestEpoch(nowMs) || epoch > now + 1) return undefined;
    const presented = Buffer.from(nonce, 'latin1');
    const isOurs = this.nonceKeys.some((key) =>
      timingSafeEqual(Buffer.from(nonceUnder(key, epoch), 'latin1'), presented),
    );
    return isOurs ? epoch : undefined;
  }

  /** The first epoch whose nonces are still good. */
  static oldestEpoch(nowMs: number): number {
    return epochAt(nowMs) - 1;
  }
}

function epochAt(nowMs: number): number {
  return Math.floor(nowMs / EPOCH_MS);
}

// 22 octets make 30 characters, the last of which has spare bits: compared as text, there is one
// spelling of each nonce.
function nonceUnder(key: Buffer, epoch: number): string {
  const octets = Buffer.alloc(EPOCH_OCTETS + MAC_OCTETS);
  octets.writeUIntBE(epoch, 0, EPOCH_OCTETS);
  const mac = createHmac('sha256', key).update(octets.subarray(0, EPOCH_OCTETS)).digest();
  mac.copy(octets, EPOCH_OCTETS, 0, MAC_OCTETS);
  return octets.toString('base64url');
}

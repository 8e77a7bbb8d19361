import { createHmac, timingSafeEqual } from 'node:crypto';
import { TAG_LENGTH } from './api-key-format.js';
import { toBase62 } from './random-base62.js';

/**
 * Makes and checks the tag at the end of an API key: a truncated HMAC-SHA-256 over all that precedes
 * it. It turns a mistyped or forged key away without a look-up; it is not what proves a key good.
 */
export class KeyTagger {
  /** @param tagSecrets 32 bytes each; the first tags new keys, any of them verifies. */
  constructor(private readonly tagSecrets: readonly [Buffer, ...Buffer[]]) {}

  tag(tagged: string): string {
    return tagUnder(this.tagSecrets[0], tagged);
  }

  matches(tagged: string, tag: string): boolean {
    const presented = Buffer.from(tag, 'latin1');
    if (presented.length !== TAG_LENGTH) return false;
    return this.tagSecrets.some((secret) =>
      timingSafeEqual(Buffer.from(tagUnder(secret, tagged), 'latin1'), presented),
    );
  }
}

// 128 bits modulo 62^10: the remainder's bias is below 2^-68.
function tagUnder(secret: Buffer, tagged: string): string {
  const digest = createHmac('sha256', secret).update(tagged).digest();
  const high = digest.readBigUInt64BE(0);
  const low = digest.readBigUInt64BE(8);
  return toBase62((high << 64n) | low, TAG_LENGTH);
}

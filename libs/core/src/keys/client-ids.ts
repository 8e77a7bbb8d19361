import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';

// Crockford's base32, as in a ULID.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 'key_'.length + 10;
const RANDOM_LENGTH = 8;
const TAG_LENGTH = 8; // 40 bits
const CONTEXT = 'countersign client id ';

/**
 * The ids of keys without a secret. The last eight characters are a tag, a truncated HMAC-SHA-256
 * over the rest: as with API keys, what was never issued is turned away without a look-up. It proves
 * nothing about who presents an id, which is no secret.
 */
export class ClientIds {
  /** @param tagSecrets 32 bytes each; the first tags new ids, any of them verifies */
  constructor(private readonly tagSecrets: readonly [Buffer, ...Buffer[]]) {}

  /** An id with the time of `keyId`, an id that is new, and a tag. */
  mint(keyId: string): string {
    let head = keyId.slice(0, TIME_LENGTH);
    for (let i = 0; i < RANDOM_LENGTH; i += 1) head += ALPHABET.charAt(randomInt(ALPHABET.length));
    return head + tagUnder(this.tagSecrets[0], head);
  }

  /** @param keyId of the form of an id */
  isOurs(keyId: string): boolean {
    const head = keyId.slice(0, -TAG_LENGTH);
    const presented = Buffer.from(keyId.slice(-TAG_LENGTH), 'latin1');
    return this.tagSecrets.some((secret) =>
      timingSafeEqual(Buffer.from(tagUnder(secret, head), 'latin1'), presented),
    );
  }
}

function tagUnder(secret: Buffer, head: string): string {
  const digest = createHmac('sha256', secret)
    .update(CONTEXT + head)
    .digest();
  let tag = '';
  for (const octet of digest.subarray(0, TAG_LENGTH)) tag += ALPHABET.charAt(octet & 31);
  return tag;
}

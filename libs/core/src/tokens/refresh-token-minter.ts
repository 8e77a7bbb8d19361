import { createHash } from 'node:crypto';
import { SECRET_LENGTH, TAG_LENGTH, VERSION_ID_LENGTH } from '../keys/api-key-format.js';
import type { KeyTagger } from '../keys/key-tagger.js';
import { randomBase62 } from '../keys/random-base62.js';

const MARK = 'refresh_';
const RANDOM_PART = new RegExp(`^[0-9A-Za-z]{${VERSION_ID_LENGTH + SECRET_LENGTH + TAG_LENGTH}}$`);

export interface MintedRefreshToken {
  /** The whole token. It is handed out once and kept nowhere. */
  readonly refreshToken: string;
  readonly familyId: string;
  /** SHA-256 of the secret part; 256 uniform bits need no slower hash. */
  readonly secretHash: Buffer;
}

/** A refresh token that bears our tag: this service has made it, at one time or another. */
export interface GenuineRefreshToken {
  readonly familyId: string;
  readonly secretHash: Buffer;
}

/**
 * Makes and reads refresh tokens, `<prefix>_refresh_<family><secret><tag>`. The family stays the same
 * from one rotation to the next and the secret does not. The tag says that the token is one of ours,
 * so that one with another secret than the family's newest is known to be an earlier one.
 */
export class RefreshTokenMinter {
  readonly #start: string;

  constructor(
    keyPrefix: string,
    private readonly tagger: KeyTagger,
  ) {
    this.#start = `${keyPrefix}_${MARK}`;
  }

  /** @param familyId of the token that is replaced; default: the first of a new family */
  mint(familyId = randomBase62(VERSION_ID_LENGTH)): MintedRefreshToken {
    const secret = randomBase62(SECRET_LENGTH);
    const tagged = `${this.#start}${familyId}${secret}`;
    return {
      refreshToken: tagged + this.tagger.tag(tagged),
      familyId,
      secretHash: sha256(secret),
    };
  }

  /** Undefined for everything that this service has not made; costs an HMAC, and no look-up. */
  read(text: string): GenuineRefreshToken | undefined {
    if (!text.startsWith(this.#start)) return undefined;
    const randomPart = text.slice(this.#start.length);
    if (!RANDOM_PART.test(randomPart)) return undefined;
    const tagStart = text.length - TAG_LENGTH;
    if (!this.tagger.matches(text.slice(0, tagStart), text.slice(tagStart))) return undefined;
    const secret = randomPart.slice(VERSION_ID_LENGTH, VERSION_ID_LENGTH + SECRET_LENGTH);
    return { familyId: randomPart.slice(0, VERSION_ID_LENGTH), secretHash: sha256(secret) };
  }
}

function sha256(secret: string): Buffer {
  return createHash('sha256').update(secret, 'latin1').digest();
}

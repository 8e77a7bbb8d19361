import type { Environment } from '@countersign/contracts';
import { SECRET_LENGTH, VERSION_ID_LENGTH } from './api-key-format.js';
import type { KeyTagger } from './key-tagger.js';
import { randomBase62 } from './random-base62.js';
import type { SecretHasher } from './secret-hasher.js';

export interface MintedApiKey {
  /** The whole key. It is shown once and kept nowhere. */
  readonly apiKey: string;
  readonly versionId: string;
  readonly lastFour: string;
  /** argon2id PHC string of the secret part. */
  readonly secretHash: string;
}

/** Makes the secret of a new key, or a new one for an old key. */
export type MintApiKey = (environment: Environment) => Promise<MintedApiKey>;

export function createMintApiKey(
  keyPrefix: string,
  tagger: KeyTagger,
  hasher: SecretHasher,
): MintApiKey {
  return async (environment) => {
    const versionId = randomBase62(VERSION_ID_LENGTH);
    const secret = randomBase62(SECRET_LENGTH);
    const tagged = `${keyPrefix}_${environment}_${versionId}${secret}`;
    const apiKey = tagged + tagger.tag(tagged);
    return {
      apiKey,
      versionId,
      lastFour: apiKey.slice(-4),
      secretHash: await hasher.hash(secret),
    };
  };
}

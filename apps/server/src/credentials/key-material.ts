import {
  ClientIds,
  createGenerateSigningKey,
  createMintApiKey,
  deriveServerKeys,
  DpopNonces,
  type GenerateSigningKey,
  KeyTagger,
  type MintApiKey,
  PrivateKeySealer,
  RefreshTokenMinter,
  type Secret,
  SecretHasher,
} from '@countersign/core';
import type { Config } from '../config/config.js';

/** What makes and reads keys; all of it follows from the server's secrets. */
export interface KeyMaterial {
  readonly tagger: KeyTagger;
  readonly hasher: SecretHasher;
  readonly sealer: PrivateKeySealer;
  readonly clientIds: ClientIds;
  readonly dpopNonces: DpopNonces;
  readonly mintApiKey: MintApiKey;
  readonly refreshTokens: RefreshTokenMinter;
  readonly generateSigningKey: GenerateSigningKey;
}

export function createKeyMaterial(
  config: Pick<Config, 'keyPrefix' | 'argon2'>,
  secrets: readonly [Secret, ...Secret[]],
): KeyMaterial {
  const { tagSecrets, sealingKeys, nonceKeys } = deriveServerKeys(secrets);
  const tagger = new KeyTagger(tagSecrets);
  const hasher = new SecretHasher(config.argon2);
  const sealer = new PrivateKeySealer(sealingKeys);
  return {
    tagger,
    hasher,
    sealer,
    clientIds: new ClientIds(tagSecrets),
    dpopNonces: new DpopNonces(nonceKeys),
    mintApiKey: createMintApiKey(config.keyPrefix, tagger, hasher),
    refreshTokens: new RefreshTokenMinter(config.keyPrefix, tagger),
    generateSigningKey: createGenerateSigningKey(sealer),
  };
}

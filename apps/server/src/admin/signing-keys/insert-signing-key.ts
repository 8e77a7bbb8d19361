import type { SigningAlgorithm } from '@countersign/contracts';
import type { GenerateSigningKey } from '@countersign/core';
import {
  type ChangeTransaction,
  ResourceServerEntity,
  SigningKeyEntity,
} from '@countersign/persistence';
import type { SigningKeyPolicy } from '../ports.js';
import { insertRow } from '../store-row.js';

/** What makes a signing key, and what it must last for. */
export interface SigningKeyMaking {
  readonly generate: GenerateSigningKey;
  readonly policy: SigningKeyPolicy;
}

/** Makes and stores a key pair. Call it with the signing keys locked. */
export async function insertSigningKey(
  { manager, now }: ChangeTransaction,
  alg: SigningAlgorithm,
  status: 'next' | 'active',
  { generate, policy }: SigningKeyMaking,
): Promise<SigningKeyEntity> {
  const longest = await manager.maximum(ResourceServerEntity, 'accessTokenTtlSeconds');
  const { kid, publicJwk, sealedPrivateJwk } = await generate(alg);
  const row: SigningKeyEntity = {
    kid,
    alg,
    status,
    publicJwk,
    sealedPrivateJwk,
    longestTtlSeconds: Math.max(policy.defaultAccessTokenTtlSeconds, longest ?? 0),
    createdAt: now,
    activatedAt: status === 'active' ? now : null,
    retiredAt: null,
    removedAt: null,
    compromisedAt: null,
    compromisedReason: null,
  };
  await insertRow(manager, SigningKeyEntity, row);
  return row;
}

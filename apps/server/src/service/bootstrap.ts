import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ADMIN_SCOPE, ID_PREFIXES, SIGNING_ALGORITHMS } from '@countersign/contracts';
import {
  ApiKeyEntity,
  ApiKeyVersionEntity,
  type AuditActor,
  type ChangeTransaction,
  PrincipalEntity,
  runChangeTransaction,
  SigningKeyEntity,
} from '@countersign/persistence';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { Config } from '../config/config.js';
import type { KeyMaterial } from '../credentials/key-material.js';

// Processes that start together on an empty database take turns.
const BOOTSTRAP_LOCK = 0x636f756e;

const THE_SERVICE: AuditActor = {
  principalId: null,
  credentialType: null,
  credentialId: null,
  sourceIp: null,
  userAgent: null,
  requestId: null,
};

export interface Bootstrapped {
  /** Whether this start found an empty database and wrote the administrator's key. */
  readonly administratorCreated: boolean;
}

/**
 * Makes what an empty database lacks: an active signing key for each algorithm, since no verifier
 * can have cached an older set, and an administrator whose API key is written to a file.
 */
export async function bootstrap(
  dataSource: DataSource,
  keyMaterial: KeyMaterial,
  config: Pick<Config, 'bootstrapKeyFile' | 'accessTokenTtlSeconds'>,
): Promise<Bootstrapped> {
  const { result } = await runChangeTransaction(dataSource, THE_SERVICE, async (tx) => {
    await tx.manager.query('SELECT pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK]);
    await createMissingSigningKeys(tx, keyMaterial, config.accessTokenTtlSeconds);
    if (await tx.manager.existsBy(PrincipalEntity, {})) return { administratorCreated: false };
    await createAdministrator(tx, keyMaterial, config.bootstrapKeyFile);
    return { administratorCreated: true };
  });
  return result;
}

async function createMissingSigningKeys(
  tx: ChangeTransaction,
  { generateSigningKey }: KeyMaterial,
  defaultTtlSeconds: number,
): Promise<void> {
  await tx.manager.query(
    `UPDATE signing_keys SET longest_ttl_seconds = $1
     WHERE status IN ('next', 'active') AND longest_ttl_seconds < $1`,
    [defaultTtlSeconds],
  );
  for (const alg of SIGNING_ALGORITHMS) {
    if (await tx.manager.existsBy(SigningKeyEntity, { alg })) continue;
    const { kid, publicJwk, sealedPrivateJwk } = await generateSigningKey(alg);
    await tx.manager.insert(SigningKeyEntity, {
      kid,
      alg,
      status: 'active',
      publicJwk,
      sealedPrivateJwk,
      longestTtlSeconds: defaultTtlSeconds,
      createdAt: tx.now,
      activatedAt: tx.now,
    });
    tx.changed('signing_key', kid);
    tx.audit({
      action: 'signing_key.created',
      resourceType: 'signing_key',
      resourceId: kid,
      organizationId: null,
      before: null,
      after: { kid, alg, status: 'active' },
    });
  }
}

async function createAdministrator(
  tx: ChangeTransaction,
  { mintApiKey }: KeyMaterial,
  keyFile: string,
): Promise<void> {
  const principalId = ID_PREFIXES.principal + ulid();
  const keyId = ID_PREFIXES.apiKey + ulid();
  const { apiKey, versionId, lastFour, secretHash } = await mintApiKey('live');
  const dates = { createdAt: tx.now, updatedAt: tx.now };
  const name = 'Administrator';
  await tx.manager.insert(PrincipalEntity, {
    id: principalId,
    type: 'user',
    name,
    scopes: [ADMIN_SCOPE],
    ...dates,
  });
  await tx.manager.insert(ApiKeyEntity, {
    id: keyId,
    principalId,
    name: 'bootstrap',
    environment: 'live',
    scopes: [ADMIN_SCOPE],
    ...dates,
  });
  await tx.manager.insert(ApiKeyVersionEntity, {
    id: versionId,
    apiKeyId: keyId,
    secretHash,
    lastFour,
    createdAt: tx.now,
  });
  tx.audit({
    action: 'principal.created',
    resourceType: 'principal',
    resourceId: principalId,
    organizationId: null,
    before: null,
    after: { id: principalId, name, scopes: [ADMIN_SCOPE], key_id: keyId },
  });
  // Before the commit: a key that nobody can read would lock everybody out. Should the commit fail,
  // the file holds a key that does not exist, and the next start replaces it.
  await writeKeyFile(keyFile, apiKey);
}

async function writeKeyFile(path: string, apiKey: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${apiKey}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

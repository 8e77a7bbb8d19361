import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@countersign/contracts';
import type { Postgres } from '../running/postgres.js';
import { INTROSPECTOR_VERSION_ID, KEY_ID_SQL, VERSION_ID_SQL } from './bench-keys.js';
import type { Dataset } from './dataset.js';

const ORGANIZATION = `org_${'0'.repeat(26)}`;
const ROLE = `rol_${'0'.repeat(26)}`;
const INTROSPECTOR = `prn_${'Z'.repeat(26)}`;
const INTROSPECTOR_KEY = `key_${'Z'.repeat(26)}`;
const PRINCIPAL_ID_SQL = `'prn_' || lpad(upper(to_hex(p)), 26, '0')`;
const SCOPES = `'{read:orders,read:users,write:users}'`;
const TOKEN_TTL_SECONDS = 86_400;

/** The resource server whose tokens are signed by `alg`. */
export function audienceOf(alg: SigningAlgorithm): string {
  return `https://${alg.toLowerCase()}.bench.example`;
}

/**
 * Fills a migrated database: principals with a role, in an organization, with their keys; one more
 * that may introspect and follow revocations; a resource server for each algorithm.
 */
export async function seed(
  postgres: Postgres,
  database: string,
  dataset: Dataset,
  secretHash: string,
): Promise<void> {
  await postgres.run(database, [
    // The references below are right by construction; checking millions of them takes minutes.
    'SET session_replication_role = replica',
    'SET synchronous_commit = off',
    ...grants(),
    ...introspector(secretHash),
    ...keys(dataset, secretHash),
    ...resourceServers(),
  ]);
  // What Postgres would do by itself some time later, in the middle of a measurement.
  await postgres.run(database, ['VACUUM ANALYZE']);
  await postgres.run(database, ['CHECKPOINT']);
}

function grants(): string[] {
  return [
    `INSERT INTO organizations (id, name, created_at, updated_at)
     VALUES ('${ORGANIZATION}', 'Acme', now(), now())`,
    `INSERT INTO roles (id, name, scopes, created_at, updated_at)
     VALUES ('${ROLE}', 'exporter', '{read:orders}', now(), now())`,
  ];
}

function introspector(secretHash: string): string[] {
  const scopes = `'{countersign:introspect,countersign:revocations:read}'`;
  return [
    `INSERT INTO principals (id, type, name, scopes, created_at, updated_at)
     VALUES ('${INTROSPECTOR}', 'service', 'gateway', ${scopes}, now(), now())`,
    `INSERT INTO api_keys (id, principal_id, name, environment, scopes, created_at, updated_at)
     VALUES ('${INTROSPECTOR_KEY}', '${INTROSPECTOR}', 'gateway', 'live', ${scopes}, now(), now())`,
    `INSERT INTO api_key_versions (id, api_key_id, secret_hash, last_four, created_at)
     VALUES ('${INTROSPECTOR_VERSION_ID}', '${INTROSPECTOR_KEY}', '${secretHash}', '0000', now())`,
  ];
}

function keys({ keys: count, keysPerPrincipal }: Dataset, secretHash: string): string[] {
  const principals = Math.ceil(count / keysPerPrincipal);
  return [
    `INSERT INTO principals
       (id, type, name, organization_id, scopes, metadata, created_at, updated_at)
     SELECT ${PRINCIPAL_ID_SQL}, 'service', 'job ' || lpad(p::text, 7, '0'), '${ORGANIZATION}',
       ${SCOPES}, '{"plan": "gold"}', now(), now()
     FROM generate_series(1, ${principals}) AS p`,
    `INSERT INTO principal_roles (principal_id, role_id)
     SELECT ${PRINCIPAL_ID_SQL}, '${ROLE}' FROM generate_series(1, ${principals}) AS p`,
    `INSERT INTO api_keys
       (id, principal_id, name, environment, scopes, metadata, created_at, updated_at)
     SELECT ${KEY_ID_SQL}, ${PRINCIPAL_ID_SQL}, 'nightly export', 'live', ${SCOPES},
       '{"region": "eu"}', now(), now()
     FROM (SELECT n, (n + ${keysPerPrincipal} - 1) / ${keysPerPrincipal} AS p
           FROM generate_series(1, ${count}) AS n) AS numbered`,
    `INSERT INTO api_key_versions (id, api_key_id, secret_hash, last_four, created_at)
     SELECT ${VERSION_ID_SQL}, ${KEY_ID_SQL}, '${secretHash}', '0000', now()
     FROM generate_series(1, ${count}) AS n`,
  ];
}

function resourceServers(): string[] {
  return SIGNING_ALGORITHMS.map((alg, at) => {
    const id = `rsv_${String(at).padStart(26, '0')}`;
    return `INSERT INTO resource_servers (id, audience, name, scopes, access_token_ttl_seconds,
              signing_alg, token_typ, created_at, updated_at)
            VALUES ('${id}', '${audienceOf(alg)}', '${alg}', ${SCOPES}, ${TOKEN_TTL_SECONDS},
              '${alg}', 'at+jwt', now(), now())`;
  });
}

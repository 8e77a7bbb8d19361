import type { EntityStatus, Environment, IdentityOrigin } from '@countersign/contracts';
import type { IdentityState, KeyStateReading } from '@countersign/core';
import type { DataSource } from 'typeorm';
import { frozenList } from './frozen-list.js';
import { withDatabaseFailures } from './map-database-failure.js';
import { poolOf } from './pool-of.js';
import { type PrincipalRow, principalStateOf } from './principal-state-row.js';
import { PRINCIPAL_COLUMNS, PRINCIPAL_JOINS } from './principal-state-sql.js';

interface IdentityRow extends PrincipalRow {
  readonly position: string;
  readonly identity_id: string;
  readonly identity_status: EntityStatus;
  readonly origin: IdentityOrigin;
  readonly trusted_issuer_id: string;
  readonly issuer_status: EntityStatus;
  readonly ceiling: string[];
  readonly environment: Environment;
  readonly trust_position: string;
}

type Row = IdentityRow | { readonly position: string; readonly identity_id: null };

/**
 * Everything about federated identities, by a prepared statement and in one snapshot; in the order of
 * the ids.
 * @throws {DependencyUnavailable}
 */
export function readIdentityStates(
  dataSource: DataSource,
  ids: readonly string[],
): Promise<KeyStateReading[]> {
  return withDatabaseFailures(async () => {
    const { rows } = await poolOf(dataSource).query<Row>({
      name: 'countersign_read_identity_states',
      text: READ_IDENTITY_STATES,
      values: [ids],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('change_head has no row: the schema is damaged');
    const position = Number(row.position);
    const states = new Map(
      rows.map((each) => [each.identity_id, each.identity_id === null ? null : stateOf(each)]),
    );
    return ids.map((id) => ({ state: states.get(id) ?? null, position }));
  });
}

function stateOf(row: IdentityRow): IdentityState {
  return Object.freeze({
    kind: 'federated_identity',
    identityId: row.identity_id,
    identityStatus: row.identity_status,
    origin: row.origin,
    trustedIssuerId: row.trusted_issuer_id,
    issuerStatus: row.issuer_status,
    ceiling: frozenList(row.ceiling),
    environment: row.environment,
    trustPosition: Number(row.trust_position),
    ...principalStateOf(row),
  });
}

const READ_IDENTITY_STATES = `
  SELECT
    head.position,
    identity.id                AS identity_id,
    identity.status            AS identity_status,
    identity.origin,
    trusted_issuer.id          AS trusted_issuer_id,
    trusted_issuer.status      AS issuer_status,
    trusted_issuer.scopes      AS ceiling,
    trusted_issuer.environment,
    trusted_issuer.trust_position,
    ${PRINCIPAL_COLUMNS}
  FROM change_head AS head
  LEFT JOIN federated_identities AS identity ON identity.id = ANY ($1)
  LEFT JOIN trusted_issuers AS trusted_issuer ON trusted_issuer.id = identity.trusted_issuer_id
  LEFT JOIN principals AS principal ON principal.id = identity.principal_id
  ${PRINCIPAL_JOINS}
  WHERE head.id = 1`;

import { looksReserved, RESERVED_SCOPE_PREFIX } from '@countersign/contracts';
import type { TrustedIssuerEntity } from '@countersign/persistence';
import { OrganizationEntity } from '@countersign/persistence';
import { importFederatedKey, UnusableKey } from '@countersign/verify';
import { type EntityManager, In } from 'typeorm';
import { validationFailed } from '../../http/problem.js';
import type { TrustedIssuerPolicy } from '../ports.js';
import { isSameIssuer } from './is-same-issuer.js';

/**
 * Checks what no single member of a trusted issuer can tell. Holds the organizations that it names
 * fast against deletion until the transaction ends.
 * @throws {ProblemException} `validation_failed`
 */
export async function requireCoherent(
  manager: EntityManager,
  row: TrustedIssuerEntity,
  policy: TrustedIssuerPolicy,
): Promise<void> {
  const errors: { field: string; message: string }[] = [];
  if (isSameIssuer(row.issuer, policy.ownIssuer)) {
    errors.push({ field: 'issuer', message: 'is this service itself' });
  }
  errors.push(...errorsInUrls(row, policy), ...errorsInKeys(row), ...reservedInMapping(row));
  if (row.mapping.scopes === 'ceiling' && row.provisioning !== 'link') {
    errors.push({
      field: 'mapping.scopes',
      message: 'may be `ceiling` only with the provisioning `link`: anybody would get all of it',
    });
  }
  errors.push(...(await unknownOrganizations(manager, row)));
  if (errors.length > 0) throw validationFailed(errors);
}

/** An address counts only where something is fetched from it: keys that are given may be those of any issuer. */
function errorsInUrls({ issuer, jwks, jwksUri }: TrustedIssuerEntity, policy: TrustedIssuerPolicy) {
  const ofIssuer = jwks === null && jwksUri === null ? policy.problemWithAddress(issuer) : null;
  const found = [
    { field: 'issuer', message: policy.problemWithUrl(issuer) ?? ofIssuer },
    {
      field: 'jwks_uri',
      message: jwksUri && (policy.problemWithUrl(jwksUri) ?? policy.problemWithAddress(jwksUri)),
    },
  ];
  return found.flatMap(({ field, message }) => (message === null ? [] : [{ field, message }]));
}

/** They would be left out of every token all the same: whoever has written them meant something else. */
function reservedInMapping({ mapping: { scopes } }: TrustedIssuerEntity) {
  if (scopes === 'ceiling') return [];
  const mapped = scopes.flatMap(({ map }) => Object.values(map ?? {}).flat());
  const message = `must not give ${RESERVED_SCOPE_PREFIX}*, which never comes from outside`;
  return mapped.some(looksReserved) ? [{ field: 'mapping.scopes', message }] : [];
}

/** The form of the keys was checked by their schema; this tells whether they are keys. */
function errorsInKeys({ jwks, jwksUri }: TrustedIssuerEntity) {
  if (jwks === null) return [];
  const both = { field: 'jwks', message: 'is in place of jwks_uri: one of the two must be null' };
  const unusable = jwks.keys.flatMap((jwk, index) => {
    try {
      importFederatedKey(jwk);
      return [];
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error;
      return [{ field: `jwks.keys.${index}`, message: error.message }];
    }
  });
  return jwksUri === null ? unusable : [both, ...unusable];
}

async function unknownOrganizations(manager: EntityManager, row: TrustedIssuerEntity) {
  const mapped = Object.values(row.mapping.organization?.map ?? {});
  const named = [
    ...(row.organizationId === null ? [] : [['organization_id', row.organizationId] as const]),
    ...mapped.map((id) => ['mapping.organization.map', id] as const),
  ];
  if (named.length === 0) return [];
  if (row.organizationId !== null && mapped.length > 0) {
    const message = 'is for an issuer that belongs to no organization itself';
    return [{ field: 'mapping.organization', message }];
  }
  const found = await manager.find(OrganizationEntity, {
    select: { id: true },
    where: { id: In([...new Set(named.map(([, id]) => id))].sort()) },
    order: { id: 'ASC' },
    lock: { mode: 'for_key_share' },
  });
  const known = new Set(found.map(({ id }) => id));
  return named
    .filter(([, id]) => !known.has(id))
    .map(([field, id]) => ({ field, message: `names ${id}, which is no organization` }));
}

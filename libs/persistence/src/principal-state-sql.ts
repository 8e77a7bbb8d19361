/** The columns of `principalStateOf`, given `PRINCIPAL_JOINS`. */
export const PRINCIPAL_COLUMNS = `
    principal.id         AS principal_id,
    principal.type       AS principal_type,
    principal.name       AS principal_name,
    principal.external_id,
    principal.status     AS principal_status,
    principal.scopes     AS principal_scopes,
    principal.metadata   AS principal_metadata,
    organization.id      AS organization_id,
    organization.status  AS organization_status,
    held.role_ids,
    held.roles,
    held.role_scopes,
    acts_for.audiences   AS acts_for,
    principal.actor_ids`;

/** What hangs on a `principal` that was joined before: its organization, roles and audiences. */
export const PRINCIPAL_JOINS = `
  LEFT JOIN organizations AS organization ON organization.id = principal.organization_id
  CROSS JOIN LATERAL (
    SELECT
      array_agg(role.id ORDER BY role.name)   AS role_ids,
      array_agg(role.name ORDER BY role.name) AS roles,
      jsonb_agg(role.scopes)                 AS role_scopes
    FROM principal_roles
    JOIN roles AS role ON role.id = principal_roles.role_id
    WHERE principal_roles.principal_id = principal.id
  ) AS held
  CROSS JOIN LATERAL (
    SELECT array_agg(resource_server.audience) AS audiences
    FROM resource_server_principals
    JOIN resource_servers AS resource_server
      ON resource_server.id = resource_server_principals.resource_server_id
    WHERE resource_server_principals.principal_id = principal.id
  ) AS acts_for`;

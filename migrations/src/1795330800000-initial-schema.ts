import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Runs on Postgres 14 and later.
 *
 * Ids, names and other keys compare by their bytes (`COLLATE "C"`): lists are paged by id, and an
 * index in the cluster's collation goes wrong silently when the operating system's collation
 * tables change. What joins or refers to a key has the same collation, or no index would serve it.
 */
export class InitialSchema1795330800000 implements MigrationInterface {
  readonly name = 'InitialSchema1795330800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
-- Who credentials stand for --------------------------------------------------------------------

CREATE TABLE organizations (
  id         text COLLATE "C" NOT NULL,          -- org_<ULID>
  name       text             NOT NULL,
  status     text             NOT NULL DEFAULT 'active',
  metadata   jsonb            NOT NULL DEFAULT '{}',
  created_at timestamptz      NOT NULL,
  updated_at timestamptz      NOT NULL,
  CONSTRAINT organizations_pkey PRIMARY KEY (id),
  CONSTRAINT organizations_status_check CHECK (status IN ('active', 'disabled'))
);

CREATE TABLE principals (
  id              text COLLATE "C" NOT NULL,     -- prn_<ULID>
  type            text             NOT NULL,
  name            text             NOT NULL,
  organization_id text COLLATE "C",
  external_id     text COLLATE "C",
  scopes          text[]           NOT NULL DEFAULT '{}',
  metadata        jsonb            NOT NULL DEFAULT '{}',
  status          text             NOT NULL DEFAULT 'active',
  created_at      timestamptz      NOT NULL,
  updated_at      timestamptz      NOT NULL,
  CONSTRAINT principals_pkey PRIMARY KEY (id),
  CONSTRAINT principals_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organizations (id) ON DELETE RESTRICT,
  CONSTRAINT principals_type_check CHECK (type IN ('user', 'service')),
  CONSTRAINT principals_status_check CHECK (status IN ('active', 'disabled'))
);
CREATE INDEX principals_organization_id_id_idx ON principals (organization_id, id);
-- Unique in its organization, and among the principals that have none. Two indexes, since
-- NULLS NOT DISTINCT came with Postgres 15.
CREATE UNIQUE INDEX principals_external_id_key
  ON principals (organization_id, external_id) WHERE organization_id IS NOT NULL;
CREATE UNIQUE INDEX principals_external_id_without_organization_key
  ON principals (external_id) WHERE organization_id IS NULL;

CREATE TABLE roles (
  id          text COLLATE "C" NOT NULL,         -- rol_<ULID>
  name        text COLLATE "C" NOT NULL,
  description text,
  scopes      text[]           NOT NULL DEFAULT '{}',
  created_at  timestamptz      NOT NULL,
  updated_at  timestamptz      NOT NULL,
  CONSTRAINT roles_pkey PRIMARY KEY (id),
  CONSTRAINT roles_name_key UNIQUE (name)
);

CREATE TABLE principal_roles (
  principal_id text COLLATE "C" NOT NULL,
  role_id      text COLLATE "C" NOT NULL,
  CONSTRAINT principal_roles_pkey PRIMARY KEY (principal_id, role_id),
  CONSTRAINT principal_roles_principal_id_fkey FOREIGN KEY (principal_id)
    REFERENCES principals (id) ON DELETE CASCADE,
  CONSTRAINT principal_roles_role_id_fkey FOREIGN KEY (role_id)
    REFERENCES roles (id) ON DELETE RESTRICT
);
CREATE INDEX principal_roles_role_id_idx ON principal_roles (role_id);

-- API keys -------------------------------------------------------------------------------------

CREATE TABLE api_keys (
  id             text COLLATE "C" NOT NULL,      -- key_<ULID>
  principal_id   text COLLATE "C" NOT NULL,
  name           text             NOT NULL,
  environment    text             NOT NULL,
  status         text             NOT NULL DEFAULT 'active',
  scopes         text[]           NOT NULL DEFAULT '{}',
  audiences      text[]           NOT NULL DEFAULT '{}',
  restrictions   jsonb,
  metadata       jsonb            NOT NULL DEFAULT '{}',
  expires_at     timestamptz,
  last_used_at   timestamptz,                    -- in no index: its update stays cheap
  revoked_at     timestamptz,
  revoked_reason text,
  created_at     timestamptz      NOT NULL,
  updated_at     timestamptz      NOT NULL,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_principal_id_fkey FOREIGN KEY (principal_id)
    REFERENCES principals (id) ON DELETE CASCADE,
  CONSTRAINT api_keys_status_check CHECK (status IN ('active', 'disabled', 'revoked')),
  CONSTRAINT api_keys_environment_check CHECK (environment IN ('live', 'test'))
);
CREATE INDEX api_keys_principal_id_id_idx ON api_keys (principal_id, id);

CREATE TABLE api_key_versions (
  id          text COLLATE "C" NOT NULL,         -- the random id inside the API key
  api_key_id  text COLLATE "C" NOT NULL,
  secret_hash text             NOT NULL,         -- argon2id, PHC string
  last_four   text             NOT NULL,
  created_at  timestamptz      NOT NULL,
  expires_at  timestamptz,                       -- end of its grace, once it is rotated out
  CONSTRAINT api_key_versions_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_versions_api_key_id_fkey FOREIGN KEY (api_key_id)
    REFERENCES api_keys (id) ON DELETE CASCADE
);
CREATE INDEX api_key_versions_api_key_id_idx ON api_key_versions (api_key_id);

-- Tokens ---------------------------------------------------------------------------------------

CREATE TABLE resource_servers (
  id                       text COLLATE "C" NOT NULL,  -- rsv_<ULID>
  audience                 text COLLATE "C" NOT NULL,
  name                     text             NOT NULL,
  scopes                   text[]           NOT NULL DEFAULT '{}',
  access_token_ttl_seconds integer          NOT NULL,
  signing_alg              text             NOT NULL,
  token_typ                text             NOT NULL,
  created_at               timestamptz      NOT NULL,
  updated_at               timestamptz      NOT NULL,
  CONSTRAINT resource_servers_pkey PRIMARY KEY (id),
  CONSTRAINT resource_servers_audience_key UNIQUE (audience),
  CONSTRAINT resource_servers_signing_alg_check
    CHECK (signing_alg IN ('RS256', 'ES256', 'Ed25519')),
  CONSTRAINT resource_servers_token_typ_check CHECK (token_typ IN ('at+jwt', 'JWT')),
  CONSTRAINT resource_servers_ttl_check CHECK (access_token_ttl_seconds BETWEEN 1 AND 86400)
);

CREATE TABLE resource_server_principals (
  resource_server_id text COLLATE "C" NOT NULL,
  principal_id       text COLLATE "C" NOT NULL,
  CONSTRAINT resource_server_principals_pkey PRIMARY KEY (resource_server_id, principal_id),
  CONSTRAINT resource_server_principals_resource_server_id_fkey FOREIGN KEY (resource_server_id)
    REFERENCES resource_servers (id) ON DELETE CASCADE,
  CONSTRAINT resource_server_principals_principal_id_fkey FOREIGN KEY (principal_id)
    REFERENCES principals (id) ON DELETE CASCADE
);
CREATE INDEX resource_server_principals_principal_id_idx
  ON resource_server_principals (principal_id);

CREATE TABLE signing_keys (
  kid                 text COLLATE "C" NOT NULL,  -- RFC 7638 thumbprint
  alg                 text COLLATE "C" NOT NULL,
  status              text             NOT NULL,
  public_jwk          jsonb            NOT NULL,
  sealed_private_jwk  text,                       -- AES-256-GCM; gone once the key is removed
  longest_ttl_seconds integer          NOT NULL,
  created_at          timestamptz      NOT NULL,
  activated_at        timestamptz,
  retired_at          timestamptz,
  removed_at          timestamptz,
  compromised_at      timestamptz,
  compromised_reason  text,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
  CONSTRAINT signing_keys_alg_check CHECK (alg IN ('RS256', 'ES256', 'Ed25519')),
  CONSTRAINT signing_keys_status_check
    CHECK (status IN ('next', 'active', 'retiring', 'removed', 'compromised'))
);
-- One key signs for each algorithm, however many replicas and administrators act at once.
CREATE UNIQUE INDEX signing_keys_one_active_key ON signing_keys (alg) WHERE status = 'active';

CREATE TABLE revoked_tokens (
  jti        text COLLATE "C" NOT NULL,
  expires_at timestamptz      NOT NULL,
  revoked_at timestamptz      NOT NULL,
  CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti)
);
CREATE INDEX revoked_tokens_expires_at_idx ON revoked_tokens (expires_at);

-- The change feed ------------------------------------------------------------------------------

CREATE TABLE changes (
  position    bigint           NOT NULL,         -- without gaps, in the order of the commits
  kind        text             NOT NULL,
  subject     text COLLATE "C" NOT NULL,
  expires_at  timestamptz,
  occurred_at timestamptz      NOT NULL DEFAULT now(),
  CONSTRAINT changes_pkey PRIMARY KEY (position)
);
CREATE INDEX changes_occurred_at_idx ON changes (occurred_at);

-- A transaction that changes something holds the lock of this row from when it takes a position
-- until it commits. A sequence would leave gaps, and make positions visible out of order.
CREATE TABLE change_head (
  id       smallint NOT NULL,
  position bigint   NOT NULL,
  CONSTRAINT change_head_pkey PRIMARY KEY (id),
  CONSTRAINT change_head_singleton_check CHECK (id = 1)
);
INSERT INTO change_head (id, position) VALUES (1, 0);

-- The record -----------------------------------------------------------------------------------

-- Append-only. No foreign keys: it outlives what it speaks of.
CREATE TABLE audit_events (
  id                    text COLLATE "C" NOT NULL,  -- aud_<ULID>
  occurred_at           timestamptz      NOT NULL,
  action                text             NOT NULL,
  actor_principal_id    text COLLATE "C",           -- NULL: the service itself
  actor_credential_type text,
  actor_credential_id   text COLLATE "C",
  source_ip             text,
  user_agent            text,
  request_id            text,
  organization_id       text COLLATE "C",
  resource_type         text             NOT NULL,
  resource_id           text COLLATE "C" NOT NULL,
  reason                text,
  before                jsonb,
  after                 jsonb,
  CONSTRAINT audit_events_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_events_organization_id_id_idx ON audit_events (organization_id, id);
CREATE INDEX audit_events_resource_id_id_idx ON audit_events (resource_id, id);
CREATE INDEX audit_events_actor_principal_id_id_idx ON audit_events (actor_principal_id, id);
CREATE INDEX audit_events_occurred_at_idx ON audit_events (occurred_at);

CREATE TABLE idempotency_keys (
  principal_id   text COLLATE "C" NOT NULL,
  key            text COLLATE "C" NOT NULL,
  request_digest text             NOT NULL,
  status         integer          NOT NULL,
  location       text             NOT NULL,
  response       jsonb            NOT NULL,      -- never holds an API key
  created_at     timestamptz      NOT NULL,
  expires_at     timestamptz      NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal_id, key)
);
CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);
`;

const DOWN = `
DROP TABLE idempotency_keys;
DROP TABLE audit_events;
DROP TABLE change_head;
DROP TABLE changes;
DROP TABLE revoked_tokens;
DROP TABLE signing_keys;
DROP TABLE resource_server_principals;
DROP TABLE resource_servers;
DROP TABLE api_key_versions;
DROP TABLE api_keys;
DROP TABLE principal_roles;
DROP TABLE roles;
DROP TABLE principals;
DROP TABLE organizations;
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refresh tokens, and which resource servers allow them. */
export class RefreshTokens1795331400000 implements MigrationInterface {
  readonly name = 'RefreshTokens1795331400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
ALTER TABLE resource_servers
  ADD COLUMN refresh_idle_ttl_seconds     integer,
  ADD COLUMN refresh_absolute_ttl_seconds integer,
  ADD CONSTRAINT resource_servers_refresh_ttl_check
    CHECK (refresh_idle_ttl_seconds BETWEEN 1 AND refresh_absolute_ttl_seconds);

-- One row for each family: only its newest token is good, and any other is known by its tag.
CREATE TABLE refresh_tokens (
  family_id               text COLLATE "C" NOT NULL,  -- the random id inside the token
  secret_hash             bytea            NOT NULL,  -- SHA-256 of the newest token's secret
  root_id                 text COLLATE "C" NOT NULL,  -- key version, or federated identity
  principal_id            text COLLATE "C" NOT NULL,
  client_key_id           text COLLATE "C",           -- only this client may use it
  jkt                     text,                       -- only the holder of this key may (RFC 7638)
  audience                text[]           NOT NULL,
  scopes                  text[]           NOT NULL,
  created_at              timestamptz      NOT NULL,
  last_used_at            timestamptz,
  idle_expires_at         timestamptz      NOT NULL,
  absolute_expires_at     timestamptz      NOT NULL,
  access_token_jti        text COLLATE "C" NOT NULL,  -- the newest one that came of it
  access_token_expires_at timestamptz      NOT NULL,
  revoked_at              timestamptz,
  revoked_reason          text,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (family_id),
  CONSTRAINT refresh_tokens_principal_id_fkey FOREIGN KEY (principal_id)
    REFERENCES principals (id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_principal_id_idx ON refresh_tokens (principal_id);
CREATE INDEX refresh_tokens_absolute_expires_at_idx ON refresh_tokens (absolute_expires_at);
`;

const DOWN = `
DROP TABLE refresh_tokens;
ALTER TABLE resource_servers
  DROP CONSTRAINT resource_servers_refresh_ttl_check,
  DROP COLUMN refresh_idle_ttl_seconds,
  DROP COLUMN refresh_absolute_ttl_seconds;
`;

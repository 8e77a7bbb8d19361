import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keys whose holders authenticate without a secret, by assertions that their public keys verify, and
 * the assertions that were used.
 */
export class ClientAuthentication1795331200000 implements MigrationInterface {
  readonly name = 'ClientAuthentication1795331200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
ALTER TABLE api_keys ADD COLUMN authentication jsonb;  -- NULL: by a secret

-- The version of a key without a secret has neither; it is there for what refers to it.
ALTER TABLE api_key_versions
  ALTER COLUMN secret_hash DROP NOT NULL,
  ALTER COLUMN last_four DROP NOT NULL,
  ADD CONSTRAINT api_key_versions_secret_check
    CHECK ((secret_hash IS NULL) = (last_four IS NULL));

CREATE TABLE used_client_assertions (
  digest     text COLLATE "C" NOT NULL,          -- SHA-256 of the client's id and the jti
  expires_at timestamptz      NOT NULL,
  CONSTRAINT used_client_assertions_pkey PRIMARY KEY (digest)
);
CREATE INDEX used_client_assertions_expires_at_idx ON used_client_assertions (expires_at);
`;

// Keys without a secret cannot be, before this: with them go their tokens.
const DOWN = `
DROP TABLE used_client_assertions;
DELETE FROM api_keys WHERE authentication IS NOT NULL;
ALTER TABLE api_key_versions
  DROP CONSTRAINT api_key_versions_secret_check,
  ALTER COLUMN secret_hash SET NOT NULL,
  ALTER COLUMN last_four SET NOT NULL;
ALTER TABLE api_keys DROP COLUMN authentication;
`;

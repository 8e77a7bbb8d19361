import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that are good only together with a certificate, and keys whose tokens are bound to one. */
export class ClientCertificates1795331600000 implements MigrationInterface {
  readonly name = 'ClientCertificates1795331600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
ALTER TABLE api_keys
  ADD COLUMN certificate_thumbprints         text[]  NOT NULL DEFAULT '{}',
  ADD COLUMN certificate_bound_access_tokens boolean NOT NULL DEFAULT false;
`;

// Keys that are authenticated, or guarded, by certificates cannot be, before this: without what
// guards them they would be open to more than they were meant for. With them go their tokens.
const DOWN = `
DELETE FROM api_keys
  WHERE certificate_thumbprints <> '{}'
     OR authentication->>'method' IN ('tls_client_auth', 'self_signed_tls_client_auth');
ALTER TABLE api_keys
  DROP COLUMN certificate_bound_access_tokens,
  DROP COLUMN certificate_thumbprints;
`;

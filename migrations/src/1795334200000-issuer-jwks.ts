import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of trusted issuers that are given, and not fetched. */
export class IssuerJwks1795334200000 implements MigrationInterface {
  readonly name = 'IssuerJwks1795334200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE trusted_issuers
        ADD COLUMN jwks jsonb,  -- NULL: they are fetched
        ADD CONSTRAINT trusted_issuers_jwks_check CHECK (jwks IS NULL OR jwks_uri IS NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE trusted_issuers
        DROP CONSTRAINT trusted_issuers_jwks_check,
        DROP COLUMN jwks`);
  }
}

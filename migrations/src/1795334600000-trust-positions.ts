import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Up to which position of the change feed a trusted issuer's word was taken back, and how new what was
 * derived from it is, where no token says so by itself.
 */
export class TrustPositions1795334600000 implements MigrationInterface {
  readonly name = 'TrustPositions1795334600000';

  // 0 is older than anything: what is there counts until its issuer is trusted with less again.
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE trusted_issuers
        ADD COLUMN trust_position bigint NOT NULL DEFAULT 0;  -- what was derived before is void
      ALTER TABLE refresh_tokens
        ADD COLUMN feed_position bigint NOT NULL DEFAULT 0;   -- as new as this the family is
      ALTER TABLE token_statuses
        ADD COLUMN feed_position bigint NOT NULL DEFAULT 0    -- pos of the token`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE token_statuses DROP COLUMN feed_position;
      ALTER TABLE refresh_tokens DROP COLUMN feed_position;
      ALTER TABLE trusted_issuers DROP COLUMN trust_position`);
  }
}

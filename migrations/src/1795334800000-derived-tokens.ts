import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of which tokens a token came, where its status is told in a list: it is revoked with each. */
export class DerivedTokens1795334800000 implements MigrationInterface {
  readonly name = 'DerivedTokens1795334800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE token_statuses ADD COLUMN derived_from text[] NOT NULL DEFAULT '{}'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE token_statuses DROP COLUMN derived_from');
  }
}

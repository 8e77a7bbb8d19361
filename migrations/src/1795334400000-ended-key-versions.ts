import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which secrets of a key were ended at once, so that no clock is asked whether they still work. */
export class EndedKeyVersions1795334400000 implements MigrationInterface {
  readonly name = 'EndedKeyVersions1795334400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_key_versions
        ADD COLUMN ended boolean NOT NULL DEFAULT false  -- whatever expires_at is on whose clock`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE api_key_versions DROP COLUMN ended');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which resource servers have metadata published about them, and what it says besides. */
export class ProtectedResourceMetadata1795334000000 implements MigrationInterface {
  readonly name = 'ProtectedResourceMetadata1795334000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE resource_servers
        ADD COLUMN protected_resource_metadata jsonb  -- null: none is published`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE resource_servers DROP COLUMN protected_resource_metadata');
  }
}

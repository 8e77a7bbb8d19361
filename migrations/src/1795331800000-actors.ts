import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which principals may act for a principal. */
export class Actors1795331800000 implements MigrationInterface {
  readonly name = 'Actors1795331800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

// An id is never used again, so that one of a principal that was deleted permits nobody.
const UP = `
ALTER TABLE principals ADD COLUMN actor_ids text[] NOT NULL DEFAULT '{}';
`;

const DOWN = `
ALTER TABLE principals DROP COLUMN actor_ids;
`;

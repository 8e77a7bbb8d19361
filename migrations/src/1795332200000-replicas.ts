import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The processes that answer from memory, and how far each of them has followed the change feed. */
export class Replicas1795332200000 implements MigrationInterface {
  readonly name = 'Replicas1795332200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

// Not UNLOGGED, however often it is written: a replica that is missing after a crash of the database is
// one that nobody waits for, while it still answers from memory.
const UP = `
CREATE TABLE replicas (
  id               text COLLATE "C" NOT NULL,   -- of one registration of one process
  seq              bigint           NOT NULL DEFAULT 0,
  applied_position bigint           NOT NULL DEFAULT -1,
  lease_ms         integer          NOT NULL,
  CONSTRAINT replicas_pkey PRIMARY KEY (id),
  CONSTRAINT replicas_lease_ms_check CHECK (lease_ms BETWEEN 1 AND 300000)
);
`;

const DOWN = `
DROP TABLE replicas;
`;

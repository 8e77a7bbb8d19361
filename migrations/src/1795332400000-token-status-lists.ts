import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Status lists, the places of tokens in them, and which resource servers want them. */
export class TokenStatusLists1795332400000 implements MigrationInterface {
  readonly name = 'TokenStatusLists1795332400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
ALTER TABLE resource_servers ADD COLUMN token_status_list boolean NOT NULL DEFAULT false;

CREATE TABLE status_lists (
  id         text COLLATE "C" NOT NULL,
  seed       uuid             NOT NULL,  -- scatters the places; never published
  allocated  integer          NOT NULL,  -- places given out, to tokens or in reserve
  created_at timestamptz      NOT NULL,
  CONSTRAINT status_lists_pkey PRIMARY KEY (id)
);

CREATE TABLE token_statuses (
  list_id    text COLLATE "C" NOT NULL,
  idx        integer          NOT NULL,
  jti        text COLLATE "C" NOT NULL,
  root_ids   text[]           NOT NULL,  -- key versions or identities that it hangs on
  expires_at timestamptz      NOT NULL,
  CONSTRAINT token_statuses_pkey PRIMARY KEY (list_id, idx),
  CONSTRAINT token_statuses_list_id_fkey FOREIGN KEY (list_id) REFERENCES status_lists (id)
);
CREATE INDEX token_statuses_expires_at_idx ON token_statuses (expires_at);
`;

const DOWN = `
DROP TABLE token_statuses;
DROP TABLE status_lists;
ALTER TABLE resource_servers DROP COLUMN token_status_list;
`;

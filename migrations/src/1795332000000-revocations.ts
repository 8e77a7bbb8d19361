import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One log of all that is revoked, in place of the ids of revoked tokens. Those that are alive are taken
 * over: they get the next positions of the change feed, in the order in which they were revoked.
 */
export class Revocations1795332000000 implements MigrationInterface {
  readonly name = 'Revocations1795332000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

// Five minutes: tokens were kept for so long past their expiry, for clocks that are behind. What is
// stored now has them in it.
const UP = `
-- In this order, since whoever revokes a token takes them in this order too.
LOCK TABLE revoked_tokens IN ACCESS EXCLUSIVE MODE;
LOCK TABLE changes IN ACCESS EXCLUSIVE MODE;

CREATE TABLE revocations (
  position        bigint           NOT NULL,     -- of its entry in changes
  type            text             NOT NULL,
  id              text COLLATE "C" NOT NULL,     -- as a token has it
  final           boolean          NOT NULL,
  effective_at    timestamptz,                   -- NULL: at once
  expires_at      timestamptz      NOT NULL,     -- nothing that it could hit is alive then
  audiences       text[],                        -- NULL: it may hit a token for any
  organization_id text COLLATE "C",              -- NULL: it concerns all of them
  CONSTRAINT revocations_pkey PRIMARY KEY (position),
  CONSTRAINT revocations_type_check CHECK (type IN
    ('jti', 'credential', 'principal', 'organization', 'role', 'audience', 'kid'))
);
CREATE INDEX revocations_expires_at_idx ON revocations (expires_at);
CREATE INDEX revocations_jti_idx ON revocations (id) WHERE type = 'jti';

WITH taken_over AS (
  SELECT jti, expires_at + interval '5 minutes' AS expires_at,
         row_number() OVER (ORDER BY revoked_at, jti) AS place
  FROM revoked_tokens
  WHERE expires_at + interval '5 minutes' > now()
), head AS (
  UPDATE change_head SET position = position + (SELECT count(*) FROM taken_over)
  WHERE id = 1
  RETURNING position - (SELECT count(*) FROM taken_over) AS position
), appended AS (
  INSERT INTO changes (position, kind, subject)
  SELECT head.position + place, 'revocation', jti FROM head, taken_over
)
INSERT INTO revocations (position, type, id, final, expires_at)
SELECT head.position + place, 'jti', jti, true, taken_over.expires_at FROM head, taken_over;

DROP TABLE revoked_tokens;
ALTER TABLE changes DROP COLUMN expires_at;
`;

const DOWN = `
CREATE TABLE revoked_tokens (
  jti        text COLLATE "C" NOT NULL,
  expires_at timestamptz      NOT NULL,
  revoked_at timestamptz      NOT NULL,
  CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti)
);
CREATE INDEX revoked_tokens_expires_at_idx ON revoked_tokens (expires_at);
INSERT INTO revoked_tokens (jti, expires_at, revoked_at)
SELECT id, max(expires_at) - interval '5 minutes', now()
FROM revocations WHERE type = 'jti' GROUP BY id;
ALTER TABLE changes ADD COLUMN expires_at timestamptz;
DROP TABLE revocations;
`;

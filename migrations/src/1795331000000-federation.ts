import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Issuers outside whose tokens are accepted, and whom their subjects stand for. */
export class Federation1795331000000 implements MigrationInterface {
  readonly name = 'Federation1795331000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}

const UP = `
CREATE TABLE trusted_issuers (
  id               text COLLATE "C" NOT NULL,    -- tis_<ULID>
  issuer           text COLLATE "C" NOT NULL,    -- compared exactly with iss
  name             text             NOT NULL,
  preset           text,
  status           text             NOT NULL DEFAULT 'active',
  jwks_uri         text,                         -- NULL: by discovery
  discovery        text             NOT NULL,
  algorithms       text[]           NOT NULL,
  audience_claim   text             NOT NULL,
  audiences        text[]           NOT NULL,
  target_audiences text[],                       -- NULL: those of the token
  scopes           text[]           NOT NULL DEFAULT '{}',
  mapping          jsonb            NOT NULL,
  provisioning     text             NOT NULL,
  organization_id  text COLLATE "C",
  environment      text             NOT NULL,
  created_at       timestamptz      NOT NULL,
  updated_at       timestamptz      NOT NULL,
  CONSTRAINT trusted_issuers_pkey PRIMARY KEY (id),
  CONSTRAINT trusted_issuers_issuer_key UNIQUE (issuer),
  CONSTRAINT trusted_issuers_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organizations (id) ON DELETE RESTRICT,
  CONSTRAINT trusted_issuers_status_check CHECK (status IN ('active', 'disabled')),
  CONSTRAINT trusted_issuers_provisioning_check
    CHECK (provisioning IN ('link', 'create', 'link_or_create')),
  CONSTRAINT trusted_issuers_environment_check CHECK (environment IN ('live', 'test'))
);
CREATE INDEX trusted_issuers_organization_id_idx ON trusted_issuers (organization_id);

CREATE TABLE federated_identities (
  id                text COLLATE "C" NOT NULL,   -- fid_<ULID>
  trusted_issuer_id text COLLATE "C" NOT NULL,
  organization_id   text COLLATE "C",            -- the principal's
  subject           text COLLATE "C" NOT NULL,
  principal_id      text COLLATE "C" NOT NULL,
  origin            text             NOT NULL,
  status            text             NOT NULL DEFAULT 'active',
  created_at        timestamptz      NOT NULL,
  updated_at        timestamptz      NOT NULL,
  CONSTRAINT federated_identities_pkey PRIMARY KEY (id),
  CONSTRAINT federated_identities_trusted_issuer_id_fkey FOREIGN KEY (trusted_issuer_id)
    REFERENCES trusted_issuers (id) ON DELETE CASCADE,
  CONSTRAINT federated_identities_organization_id_fkey FOREIGN KEY (organization_id)
    REFERENCES organizations (id) ON DELETE RESTRICT,
  CONSTRAINT federated_identities_principal_id_fkey FOREIGN KEY (principal_id)
    REFERENCES principals (id) ON DELETE CASCADE,
  CONSTRAINT federated_identities_origin_check CHECK (origin IN ('linked', 'created')),
  CONSTRAINT federated_identities_status_check CHECK (status IN ('active', 'disabled'))
);
CREATE INDEX federated_identities_principal_id_idx ON federated_identities (principal_id);
CREATE INDEX federated_identities_organization_id_idx ON federated_identities (organization_id);
-- One in each organization, and one without: Postgres 14 takes every NULL for another value.
CREATE UNIQUE INDEX federated_identities_subject_key
  ON federated_identities (trusted_issuer_id, organization_id, subject)
  WHERE organization_id IS NOT NULL;
CREATE UNIQUE INDEX federated_identities_subject_without_organization_key
  ON federated_identities (trusted_issuer_id, subject) WHERE organization_id IS NULL;
`;

const DOWN = `
DROP TABLE federated_identities;
DROP TABLE trusted_issuers;
`;

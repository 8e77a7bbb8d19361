import type { ProtectedResourceMetadata, SigningAlgorithm, TokenTyp } from '@countersign/contracts';
import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('resource_servers')
@Unique('resource_servers_audience_key', ['audience'])
@Check('resource_servers_signing_alg_check', `"signing_alg" IN ('RS256', 'ES256', 'Ed25519')`)
@Check('resource_servers_token_typ_check', `"token_typ" IN ('at+jwt', 'JWT')`)
@Check(
  'resource_servers_refresh_ttl_check',
  `"refresh_idle_ttl_seconds" BETWEEN 1 AND "refresh_absolute_ttl_seconds"`,
)
@Check('resource_servers_ttl_check', `"access_token_ttl_seconds" BETWEEN 1 AND 86400`)
export class ResourceServerEntity {
  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'resource_servers_pkey',
  })
  id!: string;

  @Column({ type: 'text', collation: 'C' })
  audience!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', array: true, default: '{}' })
  scopes!: string[];

  @Column({ name: 'access_token_ttl_seconds', type: 'integer' })
  accessTokenTtlSeconds!: number;

  @Column({ name: 'signing_alg', type: 'text' })
  signingAlg!: SigningAlgorithm;

  @Column({ name: 'token_typ', type: 'text' })
  tokenTyp!: TokenTyp;

  @Column({ name: 'refresh_idle_ttl_seconds', type: 'integer', nullable: true })
  refreshIdleTtlSeconds!: number | null;

  @Column({ name: 'refresh_absolute_ttl_seconds', type: 'integer', nullable: true })
  refreshAbsoluteTtlSeconds!: number | null;

  @Column({ name: 'token_status_list', type: 'boolean', default: false })
  tokenStatusList!: boolean;

  @Column({ name: 'protected_resource_metadata', type: 'jsonb', nullable: true })
  protectedResourceMetadata!: ProtectedResourceMetadata | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

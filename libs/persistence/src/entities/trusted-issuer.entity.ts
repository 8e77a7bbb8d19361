import type {
  ClaimMapping,
  Discovery,
  EntityStatus,
  Environment,
  FederatedAlgorithm,
  IssuerJwks,
  Provisioning,
  TrustedIssuerPresetName,
} from '@countersign/contracts';
import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { OrganizationEntity } from './organization.entity.js';

@Entity('trusted_issuers')
@Unique('trusted_issuers_issuer_key', ['issuer'])
@Check('trusted_issuers_status_check', `"status" IN ('active', 'disabled')`)
@Check(
  'trusted_issuers_provisioning_check',
  `"provisioning" IN ('link', 'create', 'link_or_create')`,
)
@Check('trusted_issuers_jwks_check', `"jwks" IS NULL OR "jwks_uri" IS NULL`)
@Check('trusted_issuers_environment_check', `"environment" IN ('live', 'test')`)
@Index('trusted_issuers_organization_id_idx', ['organizationId'])
export class TrustedIssuerEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'trusted_issuers_pkey' })
  id!: string;

  @Column({ type: 'text', collation: 'C' })
  issuer!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  preset!: TrustedIssuerPresetName | null;

  @Column({ type: 'text', default: 'active' })
  status!: EntityStatus;

  @Column({ name: 'jwks_uri', type: 'text', nullable: true })
  jwksUri!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  jwks!: IssuerJwks | null;

  @Column({ type: 'text' })
  discovery!: Discovery;

  @Column({ type: 'text', array: true })
  algorithms!: FederatedAlgorithm[];

  @Column({ name: 'audience_claim', type: 'text' })
  audienceClaim!: string;

  @Column({ type: 'text', array: true })
  audiences!: string[];

  @Column({ name: 'target_audiences', type: 'text', array: true, nullable: true })
  targetAudiences!: string[] | null;

  /** The ceiling. */
  @Column({ type: 'text', array: true, default: '{}' })
  scopes!: string[];

  @Column({ type: 'jsonb' })
  mapping!: ClaimMapping;

  @Column({ type: 'text' })
  provisioning!: Provisioning;

  @Column({ name: 'organization_id', type: 'text', collation: 'C', nullable: true })
  organizationId!: string | null;

  @ManyToOne(() => OrganizationEntity, { onDelete: 'RESTRICT' })
  @JoinColumn({
    name: 'organization_id',
    foreignKeyConstraintName: 'trusted_issuers_organization_id_fkey',
  })
  organization?: Relation<OrganizationEntity> | null;

  @Column({ type: 'text' })
  environment!: Environment;

  /** Where in the change feed its word was last taken back: what was derived before it is void. */
  @Column({ name: 'trust_position', type: 'bigint', default: 0 })
  trustPosition!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

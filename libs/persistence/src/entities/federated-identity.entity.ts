import type { EntityStatus, IdentityOrigin } from '@countersign/contracts';
import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { OrganizationEntity } from './organization.entity.js';
import { PrincipalEntity } from './principal.entity.js';
import { TrustedIssuerEntity } from './trusted-issuer.entity.js';

/** Which principal a subject of a trusted issuer stands for. */
@Entity('federated_identities')
@Check('federated_identities_origin_check', `"origin" IN ('linked', 'created')`)
@Check('federated_identities_status_check', `"status" IN ('active', 'disabled')`)
@Index('federated_identities_principal_id_idx', ['principalId'])
@Index('federated_identities_organization_id_idx', ['organizationId'])
@Index('federated_identities_subject_key', ['trustedIssuerId', 'organizationId', 'subject'], {
  unique: true,
  where: '"organization_id" IS NOT NULL',
})
@Index('federated_identities_subject_without_organization_key', ['trustedIssuerId', 'subject'], {
  unique: true,
  where: '"organization_id" IS NULL',
})
export class FederatedIdentityEntity {
  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'federated_identities_pkey',
  })
  id!: string;

  @Column({ name: 'trusted_issuer_id', type: 'text', collation: 'C' })
  trustedIssuerId!: string;

  @ManyToOne(() => TrustedIssuerEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'trusted_issuer_id',
    foreignKeyConstraintName: 'federated_identities_trusted_issuer_id_fkey',
  })
  trustedIssuer?: Relation<TrustedIssuerEntity>;

  @Column({ name: 'organization_id', type: 'text', collation: 'C', nullable: true })
  organizationId!: string | null;

  @ManyToOne(() => OrganizationEntity, { onDelete: 'RESTRICT' })
  @JoinColumn({
    name: 'organization_id',
    foreignKeyConstraintName: 'federated_identities_organization_id_fkey',
  })
  organization?: Relation<OrganizationEntity> | null;

  @Column({ type: 'text', collation: 'C' })
  subject!: string;

  @Column({ name: 'principal_id', type: 'text', collation: 'C' })
  principalId!: string;

  @ManyToOne(() => PrincipalEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'principal_id',
    foreignKeyConstraintName: 'federated_identities_principal_id_fkey',
  })
  principal?: Relation<PrincipalEntity>;

  @Column({ type: 'text' })
  origin!: IdentityOrigin;

  @Column({ type: 'text', default: 'active' })
  status!: EntityStatus;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

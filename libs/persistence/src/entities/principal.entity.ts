import type { EntityStatus, PrincipalType } from '@countersign/contracts';
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
import type { StoredJson } from './stored-json.js';

@Entity('principals')
@Check('principals_type_check', `"type" IN ('user', 'service')`)
@Check('principals_status_check', `"status" IN ('active', 'disabled')`)
@Index('principals_organization_id_id_idx', ['organizationId', 'id'])
@Index('principals_external_id_key', ['organizationId', 'externalId'], {
  unique: true,
  where: '"organization_id" IS NOT NULL',
})
@Index('principals_external_id_without_organization_key', ['externalId'], {
  unique: true,
  where: '"organization_id" IS NULL',
})
export class PrincipalEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'principals_pkey' })
  id!: string;

  @Column({ type: 'text' })
  type!: PrincipalType;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'organization_id', type: 'text', collation: 'C', nullable: true })
  organizationId!: string | null;

  @ManyToOne(() => OrganizationEntity, { onDelete: 'RESTRICT' })
  @JoinColumn({
    name: 'organization_id',
    foreignKeyConstraintName: 'principals_organization_id_fkey',
  })
  organization?: Relation<OrganizationEntity> | null;

  @Column({ name: 'external_id', type: 'text', collation: 'C', nullable: true })
  externalId!: string | null;

  @Column({ type: 'text', array: true, default: '{}' })
  scopes!: string[];

  /** Principals that may act for this one. */
  @Column({ name: 'actor_ids', type: 'text', array: true, default: '{}' })
  actorIds!: string[];

  @Column({ type: 'jsonb', default: {} })
  metadata!: StoredJson;

  @Column({ type: 'text', default: 'active' })
  status!: EntityStatus;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

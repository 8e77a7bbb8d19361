import type { EntityStatus } from '@countersign/contracts';
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { StoredJson } from './stored-json.js';

@Entity('organizations')
@Check('organizations_status_check', `"status" IN ('active', 'disabled')`)
export class OrganizationEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'organizations_pkey' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', default: 'active' })
  status!: EntityStatus;

  @Column({ type: 'jsonb', default: {} })
  metadata!: StoredJson;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

import type { AuditedResource } from '@countersign/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { StoredJson } from './stored-json.js';

/** Append-only. No foreign keys: it outlives what it speaks of. */
@Entity('audit_events')
@Index('audit_events_organization_id_id_idx', ['organizationId', 'id'])
@Index('audit_events_resource_id_id_idx', ['resourceId', 'id'])
@Index('audit_events_actor_principal_id_id_idx', ['actorPrincipalId', 'id'])
@Index('audit_events_occurred_at_idx', ['occurredAt'])
export class AuditEventEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'audit_events_pkey' })
  id!: string;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt!: Date;

  @Column({ type: 'text' })
  action!: string;

  @Column({ name: 'actor_principal_id', type: 'text', collation: 'C', nullable: true })
  actorPrincipalId!: string | null;

  @Column({ name: 'actor_credential_type', type: 'text', nullable: true })
  actorCredentialType!: string | null;

  @Column({ name: 'actor_credential_id', type: 'text', collation: 'C', nullable: true })
  actorCredentialId!: string | null;

  @Column({ name: 'source_ip', type: 'text', nullable: true })
  sourceIp!: string | null;

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId!: string | null;

  @Column({ name: 'organization_id', type: 'text', collation: 'C', nullable: true })
  organizationId!: string | null;

  @Column({ name: 'resource_type', type: 'text' })
  resourceType!: AuditedResource;

  @Column({ name: 'resource_id', type: 'text', collation: 'C' })
  resourceId!: string;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  before!: StoredJson | null;

  @Column({ type: 'jsonb', nullable: true })
  after!: StoredJson | null;
}

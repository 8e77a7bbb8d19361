import type { Environment, KeyAuthentication, Restrictions } from '@countersign/contracts';
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
import { PrincipalEntity } from './principal.entity.js';
import type { StoredJson } from './stored-json.js';

/** `expired` is worked out from `expires_at`, never stored. */
export type StoredKeyStatus = 'active' | 'disabled' | 'revoked';

@Entity('api_keys')
@Check('api_keys_status_check', `"status" IN ('active', 'disabled', 'revoked')`)
@Check('api_keys_environment_check', `"environment" IN ('live', 'test')`)
@Index('api_keys_principal_id_id_idx', ['principalId', 'id'])
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column({ name: 'principal_id', type: 'text', collation: 'C' })
  principalId!: string;

  @ManyToOne(() => PrincipalEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'principal_id', foreignKeyConstraintName: 'api_keys_principal_id_fkey' })
  principal?: Relation<PrincipalEntity>;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  environment!: Environment;

  @Column({ type: 'text', default: 'active' })
  status!: StoredKeyStatus;

  @Column({ type: 'text', array: true, default: '{}' })
  scopes!: string[];

  @Column({ type: 'text', array: true, default: '{}' })
  audiences!: string[];

  @Column({ type: 'jsonb', nullable: true })
  restrictions!: Restrictions | null;

  // What stands in for a secret, public keys say; null: it has one.
  @Column({ type: 'jsonb', nullable: true })
  authentication!: KeyAuthentication | null;

  @Column({ name: 'certificate_thumbprints', type: 'text', array: true, default: '{}' })
  certificateThumbprints!: string[];

  @Column({ name: 'certificate_bound_access_tokens', type: 'boolean', default: false })
  certificateBoundAccessTokens!: boolean;

  @Column({ type: 'jsonb', default: {} })
  metadata!: StoredJson;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ name: 'revoked_reason', type: 'text', nullable: true })
  revokedReason!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

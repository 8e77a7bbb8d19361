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
import { ApiKeyEntity } from './api-key.entity.js';

/**
 * One secret of a key: its random id, the argon2id PHC string and the last four characters. A key
 * that authenticates without a secret has one version, with neither.
 */
@Entity('api_key_versions')
@Check('api_key_versions_secret_check', `(secret_hash IS NULL) = (last_four IS NULL)`)
@Index('api_key_versions_api_key_id_idx', ['apiKeyId'])
export class ApiKeyVersionEntity {
  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'api_key_versions_pkey',
  })
  id!: string;

  @Column({ name: 'api_key_id', type: 'text', collation: 'C' })
  apiKeyId!: string;

  @ManyToOne(() => ApiKeyEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'api_key_id', foreignKeyConstraintName: 'api_key_versions_api_key_id_fkey' })
  apiKey?: Relation<ApiKeyEntity>;

  // Not selected unless asked for: a listing has no use for it.
  @Column({ name: 'secret_hash', type: 'text', select: false, nullable: true })
  secretHash!: string | null;

  @Column({ name: 'last_four', type: 'text', nullable: true })
  lastFour!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** Whether it was ended at once: then no clock is asked, and `expiresAt` only says when. */
  @Column({ type: 'boolean', default: false })
  ended!: boolean;
}

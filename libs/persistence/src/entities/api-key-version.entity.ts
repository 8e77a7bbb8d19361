import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { ApiKeyEntity } from './api-key.entity.js';

/** One secret of a key: its random id, the argon2id PHC string and the last four characters. */
@Entity('api_key_versions')
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
  @Column({ name: 'secret_hash', type: 'text', select: false })
  secretHash!: string;

  @Column({ name: 'last_four', type: 'text' })
  lastFour!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { StoredJson } from './stored-json.js';

/** The answer to a creation, kept so that a retry gets it again. Never holds an API key. */
@Entity('idempotency_keys')
@Index('idempotency_keys_expires_at_idx', ['expiresAt'])
export class IdempotencyKeyEntity {
  @PrimaryColumn({
    name: 'principal_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'idempotency_keys_pkey',
  })
  principalId!: string;

  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'idempotency_keys_pkey',
  })
  key!: string;

  /** SHA-256 over method, path and body of the first request, base64url. */
  @Column({ name: 'request_digest', type: 'text' })
  requestDigest!: string;

  @Column({ type: 'integer' })
  status!: number;

  @Column({ type: 'text' })
  location!: string;

  @Column({ type: 'jsonb' })
  response!: StoredJson;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}

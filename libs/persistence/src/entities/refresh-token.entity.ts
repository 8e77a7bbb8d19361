import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { PrincipalEntity } from './principal.entity.js';

/** A family of refresh tokens, of which the newest is good. */
@Entity('refresh_tokens')
@Index('refresh_tokens_principal_id_idx', ['principalId'])
@Index('refresh_tokens_absolute_expires_at_idx', ['absoluteExpiresAt'])
export class RefreshTokenEntity {
  @PrimaryColumn({
    name: 'family_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'refresh_tokens_pkey',
  })
  familyId!: string;

  @Column({ name: 'secret_hash', type: 'bytea' })
  secretHash!: Buffer;

  @Column({ name: 'root_id', type: 'text', collation: 'C' })
  rootId!: string;

  @Column({ name: 'principal_id', type: 'text', collation: 'C' })
  principalId!: string;

  @ManyToOne(() => PrincipalEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'principal_id',
    foreignKeyConstraintName: 'refresh_tokens_principal_id_fkey',
  })
  principal?: Relation<PrincipalEntity>;

  @Column({ name: 'client_key_id', type: 'text', collation: 'C', nullable: true })
  clientKeyId!: string | null;

  @Column({ type: 'text', nullable: true })
  jkt!: string | null;

  @Column({ type: 'text', array: true })
  audience!: string[];

  @Column({ type: 'text', array: true })
  scopes!: string[];

  /** Up to where the change feed was applied before the first of them was asked for. */
  @Column({ name: 'feed_position', type: 'bigint', default: 0 })
  feedPosition!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ name: 'idle_expires_at', type: 'timestamptz' })
  idleExpiresAt!: Date;

  @Column({ name: 'absolute_expires_at', type: 'timestamptz' })
  absoluteExpiresAt!: Date;

  /** Of the newest access token that came of it. */
  @Column({ name: 'access_token_jti', type: 'text', collation: 'C' })
  accessTokenJti!: string;

  /** When the last of all access tokens that came of it expires. */
  @Column({ name: 'access_token_expires_at', type: 'timestamptz' })
  accessTokenExpiresAt!: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ name: 'revoked_reason', type: 'text', nullable: true })
  revokedReason!: string | null;
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A revoked JWT, by its `jti`; dropped once the token has expired. */
@Entity('revoked_tokens')
@Index('revoked_tokens_expires_at_idx', ['expiresAt'])
export class RevokedTokenEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'revoked_tokens_pkey' })
  jti!: string;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz' })
  revokedAt!: Date;
}

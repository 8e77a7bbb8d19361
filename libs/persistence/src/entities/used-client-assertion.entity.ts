import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A client assertion that was used, by client and `jti`; dropped once it has expired. */
@Entity('used_client_assertions')
@Index('used_client_assertions_expires_at_idx', ['expiresAt'])
export class UsedClientAssertionEntity {
  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'used_client_assertions_pkey',
  })
  digest!: string;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}

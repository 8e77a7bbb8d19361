import type { RevocationType } from '@countersign/contracts';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One entry of the log of revocations, at the position of its entry of kind `revocation` in the change
 * feed. Written in the transaction that revokes; dropped once nothing that it could hit is alive.
 */
@Entity('revocations')
@Check(
  'revocations_type_check',
  `"type" IN ('jti', 'credential', 'principal', 'organization', 'role', 'audience', 'kid')`,
)
@Index('revocations_expires_at_idx', ['expiresAt'])
@Index('revocations_jti_idx', ['id'], { where: `"type" = 'jti'` })
export class RevocationEntity {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'revocations_pkey' })
  position!: string;

  @Column({ type: 'text' })
  type!: RevocationType;

  /** As a token has it. */
  @Column({ type: 'text', collation: 'C' })
  id!: string;

  @Column({ type: 'boolean' })
  final!: boolean;

  /** null: it holds at once. */
  @Column({ name: 'effective_at', type: 'timestamptz', nullable: true })
  effectiveAt!: Date | null;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  /** null: it may hit a token for any. */
  @Column({ type: 'text', array: true, nullable: true })
  audiences!: string[] | null;

  /** null: it concerns every organization. */
  @Column({ name: 'organization_id', type: 'text', collation: 'C', nullable: true })
  organizationId!: string | null;
}

import type { SigningAlgorithm, SigningKeyStatus } from '@countersign/contracts';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('signing_keys')
@Check('signing_keys_alg_check', `"alg" IN ('RS256', 'ES256', 'Ed25519')`)
@Check(
  'signing_keys_status_check',
  `"status" IN ('next', 'active', 'retiring', 'removed', 'compromised')`,
)
// One key signs for each algorithm, however many replicas and administrators act at once.
@Index('signing_keys_one_active_key', ['alg'], { unique: true, where: `"status" = 'active'` })
export class SigningKeyEntity {
  /** RFC 7638 thumbprint of the public key. */
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'signing_keys_pkey' })
  kid!: string;

  @Column({ type: 'text', collation: 'C' })
  alg!: SigningAlgorithm;

  @Column({ type: 'text' })
  status!: SigningKeyStatus;

  @Column({ name: 'public_jwk', type: 'jsonb' })
  publicJwk!: Record<string, string>;

  /** The private JWK under AES-256-GCM with the kid as AAD; gone once the key is removed. */
  @Column({ name: 'sealed_private_jwk', type: 'text', nullable: true, select: false })
  sealedPrivateJwk!: string | null;

  /** The longest lifetime, in seconds, of a token that this key may have signed. */
  @Column({ name: 'longest_ttl_seconds', type: 'integer' })
  longestTtlSeconds!: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'activated_at', type: 'timestamptz', nullable: true })
  activatedAt!: Date | null;

  @Column({ name: 'retired_at', type: 'timestamptz', nullable: true })
  retiredAt!: Date | null;

  @Column({ name: 'removed_at', type: 'timestamptz', nullable: true })
  removedAt!: Date | null;

  @Column({ name: 'compromised_at', type: 'timestamptz', nullable: true })
  compromisedAt!: Date | null;

  @Column({ name: 'compromised_reason', type: 'text', nullable: true })
  compromisedReason!: string | null;
}

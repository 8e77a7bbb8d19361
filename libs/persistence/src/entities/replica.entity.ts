import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that answers from memory, as far as the others have to know it. */
@Entity('replicas')
@Check('replicas_lease_ms_check', '"lease_ms" BETWEEN 1 AND 300000')
export class ReplicaEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'replicas_pkey' })
  id!: string;

  @Column({ type: 'bigint', default: 0 })
  seq!: string;

  @Column({ name: 'applied_position', type: 'bigint', default: -1 })
  appliedPosition!: string;

  @Column({ name: 'lease_ms', type: 'integer' })
  leaseMs!: number;
}

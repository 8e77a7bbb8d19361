import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One entry of the ordered change feed. Positions have no gaps and become visible in their order,
 * since the transaction that takes one holds the row of `change_head` until it commits.
 */
@Entity('changes')
@Index('changes_occurred_at_idx', ['occurredAt'])
export class ChangeEntity {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'changes_pkey' })
  position!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text', collation: 'C' })
  subject!: string;

  @Column({ name: 'occurred_at', type: 'timestamptz', default: () => 'now()' })
  occurredAt!: Date;
}

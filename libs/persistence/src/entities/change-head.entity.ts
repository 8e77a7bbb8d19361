import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The single row whose lock orders the change feed. */
@Entity('change_head')
@Check('change_head_singleton_check', '"id" = 1')
export class ChangeHeadEntity {
  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'change_head_pkey' })
  id!: number;

  @Column({ type: 'bigint' })
  position!: string;
}

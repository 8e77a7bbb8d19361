import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('status_lists')
export class StatusListEntity {
  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'status_lists_pkey',
  })
  id!: string;

  @Column({ type: 'uuid' })
  seed!: string;

  @Column({ type: 'integer' })
  allocated!: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}

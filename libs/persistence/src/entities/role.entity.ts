import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('roles')
@Unique('roles_name_key', ['name'])
export class RoleEntity {
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'roles_pkey' })
  id!: string;

  @Column({ type: 'text', collation: 'C' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'text', array: true, default: '{}' })
  scopes!: string[];

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

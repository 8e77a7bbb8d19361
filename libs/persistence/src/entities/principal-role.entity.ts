import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { PrincipalEntity } from './principal.entity.js';
import { RoleEntity } from './role.entity.js';

/** That a principal holds a role. */
@Entity('principal_roles')
@Index('principal_roles_role_id_idx', ['roleId'])
export class PrincipalRoleEntity {
  @PrimaryColumn({
    name: 'principal_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'principal_roles_pkey',
  })
  principalId!: string;

  @PrimaryColumn({
    name: 'role_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'principal_roles_pkey',
  })
  roleId!: string;

  @ManyToOne(() => PrincipalEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'principal_id',
    foreignKeyConstraintName: 'principal_roles_principal_id_fkey',
  })
  principal?: Relation<PrincipalEntity>;

  @ManyToOne(() => RoleEntity, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'role_id', foreignKeyConstraintName: 'principal_roles_role_id_fkey' })
  role?: Relation<RoleEntity>;
}

import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { PrincipalEntity } from './principal.entity.js';
import { ResourceServerEntity } from './resource-server.entity.js';

/** That a principal acts for a resource server, and so may introspect what is restricted to it. */
@Entity('resource_server_principals')
@Index('resource_server_principals_principal_id_idx', ['principalId'])
export class ResourceServerPrincipalEntity {
  @PrimaryColumn({
    name: 'resource_server_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'resource_server_principals_pkey',
  })
  resourceServerId!: string;

  @PrimaryColumn({
    name: 'principal_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'resource_server_principals_pkey',
  })
  principalId!: string;

  @ManyToOne(() => ResourceServerEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'resource_server_id',
    foreignKeyConstraintName: 'resource_server_principals_resource_server_id_fkey',
  })
  resourceServer?: Relation<ResourceServerEntity>;

  @ManyToOne(() => PrincipalEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'principal_id',
    foreignKeyConstraintName: 'resource_server_principals_principal_id_fkey',
  })
  principal?: Relation<PrincipalEntity>;
}

import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { StatusListEntity } from './status-list.entity.js';

/** The place of a token in a status list. What its status is follows from what it hangs on. */
@Entity('token_statuses')
@Index('token_statuses_expires_at_idx', ['expiresAt'])
export class TokenStatusEntity {
  @PrimaryColumn({
    name: 'list_id',
    type: 'text',
    collation: 'C',
    primaryKeyConstraintName: 'token_statuses_pkey',
  })
  listId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'token_statuses_pkey' })
  idx!: number;

  @Column({ type: 'text', collation: 'C' })
  jti!: string;

  @Column({ name: 'root_ids', type: 'text', array: true })
  rootIds!: string[];

  /** Ids of the tokens that it came of. */
  @Column({ name: 'derived_from', type: 'text', array: true, default: '{}' })
  derivedFrom!: string[];

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  /** `pos` of the token. */
  @Column({ name: 'feed_position', type: 'bigint', default: 0 })
  feedPosition!: string;

  @ManyToOne(() => StatusListEntity)
  @JoinColumn({ name: 'list_id', foreignKeyConstraintName: 'token_statuses_list_id_fkey' })
  list?: Relation<StatusListEntity>;
}

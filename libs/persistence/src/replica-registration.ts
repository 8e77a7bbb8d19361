import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/**
 * Registers a replica, under an id that no other registration had or will have: whoever saw an older
 * one cleared never takes this one for it.
 * @returns its id, once that is committed. Whatever was committed before may not wait for this replica,
 *   and whatever is committed from now on will: so it looks at the feed after this, and not before.
 */
export async function registerReplica(client: pg.ClientBase, leaseMs: number): Promise<string> {
  const id = randomUUID();
  await client.query('INSERT INTO replicas (id, lease_ms) VALUES ($1, $2)', [id, leaseMs]);
  return id;
}

/** Takes a replica off the list that will answer nothing any more. */
export async function removeReplica(client: pg.ClientBase, id: string): Promise<void> {
  await client.query('DELETE FROM replicas WHERE id = $1', [id]);
}

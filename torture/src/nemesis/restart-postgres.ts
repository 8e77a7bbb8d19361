import type { Cluster } from '../cluster/cluster.js';
import { affects, type Fault } from './fault.js';

/** Postgres goes away and comes back with all that it had committed. */
export async function restartPostgres(cluster: Cluster, how: 'shutdown' | 'crash'): Promise<Fault> {
  await cluster.database.stop(how);
  return {
    affected: affects(...cluster.replicas.map(({ index }) => index)),
    end: () => cluster.database.start(),
  };
}

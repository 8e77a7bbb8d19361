import type { Cluster } from '../cluster/cluster.js';
import type { Fault } from './fault.js';

/** What Postgres notifies a replica of never comes; everything else does, so that nothing may be missing. */
export async function dropNotifications(cluster: Cluster, replica: number): Promise<Fault> {
  const proxy = cluster.databaseProxy(replica);
  proxy.dropNotifications(true);
  return {
    affected: { replicas: [], verifiersOf: [] },
    async end() {
      proxy.dropNotifications(false);
    },
  };
}

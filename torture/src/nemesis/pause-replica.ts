import type { Cluster } from '../cluster/cluster.js';
import { affects, type Fault } from './fault.js';

/** A process that stands still, as in a long collection of garbage or a frozen container. */
export async function pauseReplica(cluster: Cluster, index: number): Promise<Fault> {
  const replica = cluster.replica(index);
  replica.signal('SIGSTOP');
  return {
    affected: affects(index),
    async end() {
      replica.signal('SIGCONT');
    },
  };
}

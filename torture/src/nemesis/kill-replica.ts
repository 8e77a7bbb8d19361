import type { Cluster } from '../cluster/cluster.js';
import { affects, type Fault } from './fault.js';

/** `kill -9`: no lease is given back, no connection is closed by the service. Started again at the end. */
export async function killReplica(cluster: Cluster, index: number): Promise<Fault> {
  const replica = cluster.replica(index);
  await replica.kill();
  return {
    affected: affects(index),
    async end() {
      replica.launch();
      await replica.untilReady();
    },
  };
}

import type { Cluster } from '../cluster/cluster.js';
import type { TcpProxy } from '../network/tcp-proxy.js';
import { disturbProxy } from './disturb-proxy.js';
import { affects, type Fault } from './fault.js';

/** The network between one replica and Postgres goes wrong. */
export function disturbDatabase(
  cluster: Cluster,
  replica: number,
  disturb: (proxy: TcpProxy) => void,
): Promise<Fault> {
  return disturbProxy(cluster.databaseProxy(replica), affects(replica), disturb);
}

import type { Cluster } from '../cluster/cluster.js';
import type { TcpProxy } from '../network/tcp-proxy.js';
import { disturbProxy } from './disturb-proxy.js';
import type { Fault } from './fault.js';

/** The network between one replica and the local verifiers that follow it goes wrong. */
export function disturbFeed(
  cluster: Cluster,
  replica: number,
  disturb: (proxy: TcpProxy) => void,
): Promise<Fault> {
  const affected = { replicas: [], verifiersOf: [replica] };
  return disturbProxy(cluster.feedProxy(replica), affected, disturb);
}

import type { Cluster } from '../cluster/cluster.js';
import type { VerifierHost } from '../cluster/verifier-host.js';
import type { Broken } from '../schedule/step.js';
import { disturbDatabase } from './disturb-database.js';
import { disturbFeed } from './disturb-feed.js';
import { dropNotifications } from './drop-notifications.js';
import type { Fault } from './fault.js';
import { holdLock } from './hold-lock.js';
import { killReplica } from './kill-replica.js';
import { pauseReplica } from './pause-replica.js';
import { pauseVerifiers } from './pause-verifiers.js';
import { restartPostgres } from './restart-postgres.js';

/** Breaks it. */
export function beginFault(
  cluster: Cluster,
  verifiers: VerifierHost,
  broken: Broken,
): Promise<Fault> {
  switch (broken.fault) {
    case 'kill-replica':
      return killReplica(cluster, broken.replica);
    case 'pause-replica':
      return pauseReplica(cluster, broken.replica);
    case 'cut-database':
      return disturbDatabase(cluster, broken.replica, (proxy) => proxy.cut());
    case 'delay-database':
      return disturbDatabase(cluster, broken.replica, (proxy) => proxy.slowDown(broken.delayMs));
    case 'half-open-database':
      return disturbDatabase(cluster, broken.replica, (proxy) => proxy.hold(broken.direction));
    case 'stall-connections':
      return disturbDatabase(cluster, broken.replica, (proxy) => proxy.stall(broken.share));
    case 'drop-notifications':
      return dropNotifications(cluster, broken.replica);
    case 'hold-lock':
      return holdLock(cluster, broken.on);
    case 'restart-postgres':
      return restartPostgres(cluster, broken.how);
    case 'cut-feed':
      return disturbFeed(cluster, broken.replica, (proxy) => proxy.cut());
    case 'delay-feed':
      return disturbFeed(cluster, broken.replica, (proxy) => proxy.slowDown(broken.delayMs));
    case 'half-open-feed':
      return disturbFeed(cluster, broken.replica, (proxy) => proxy.hold(broken.direction));
    case 'pause-verifiers':
      return pauseVerifiers(verifiers);
  }
}

import { PropagationWaiter, ReplicaWatch } from '@countersign/core';
import { createReplicaStore } from '@countersign/persistence';
import type { DataSource } from 'typeorm';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';

/** What knows of the other replicas. */
export interface Propagating {
  readonly replicas: ReplicaWatch;
  readonly propagation: PropagationWaiter;
}

/** The watch over all replicas, and who waits for them, with their figures and log lines. */
export function createPropagation(
  dataSource: DataSource,
  metrics: Metrics,
  logger: Logger,
): Propagating {
  const replicas = new ReplicaWatch({
    store: createReplicaStore(dataSource),
    onLapse({ id, appliedPosition, leaseMs }) {
      metrics.replicasCleared.increment();
      const replica = { replica: id, applied_position: appliedPosition, lease_ms: leaseMs };
      logger.warn(replica, 'lease: a replica has not renewed it, and is waited for no more');
    },
  });
  const propagation = new PropagationWaiter({
    watch: replicas,
    onFailure: (error) => logger.debug({ error }, 'the replicas could not be read'),
    onResult(result) {
      const outcome = result.confirmed ? 'confirmed' : 'unconfirmed';
      metrics.propagationSeconds.observe({ outcome }, result.took_ms / 1000);
      if (!result.confirmed) logger.warn({ propagation: result }, 'a revocation is not confirmed');
    },
  });
  metrics.replicas.readFrom(() => replicas.registered);
  return { replicas, propagation };
}

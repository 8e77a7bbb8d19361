import type { BenchKeys } from '../data/bench-keys.js';
import { ACTIVE } from '../load/expectation.js';
import { presentOnce, requireAllGood } from '../load/present-once.js';
import { introspectRequest } from '../load/requests.js';
import type { Service } from '../running/service.js';

const CONNECTIONS = 32;

/**
 * Presents keys 1 to `count` for the first time, so that from then on the service knows them.
 * @returns the requests that introspect them
 */
export async function makeKnown(
  keys: BenchKeys,
  service: Service,
  count: number,
): Promise<Buffer[]> {
  const requests = Array.from({ length: count }, (_, at) =>
    introspectRequest(keys.introspector(), keys.text(at + 1)),
  );
  const presented = await presentOnce({
    port: service.port,
    count,
    request: (index) => requests[index] as Buffer,
    expected: ACTIVE,
    connections: CONNECTIONS,
  });
  requireAllGood(presented, count);
  return requests;
}

import type { TcpProxy } from '../network/tcp-proxy.js';
import type { Affected, Fault } from './fault.js';

/** A stretch of network goes wrong, and is healed in the end. */
export async function disturbProxy(
  proxy: TcpProxy,
  affected: Affected,
  disturb: (proxy: TcpProxy) => void,
): Promise<Fault> {
  disturb(proxy);
  return {
    affected,
    async end() {
      proxy.heal();
    },
  };
}

import { DataPlaneRequest } from './data-plane-request.js';
import type { SenderAddress } from './sender-address.js';
import type { Refuse, Serve } from './serve.js';
import type { SubRequestRoute } from './sub-request-route.js';

/** Serves a gateway's sub-requests: by any method, and without a look at the body. */
export function serveSubRequests(
  route: SubRequestRoute,
  senderAddress: SenderAddress,
  refuse: Refuse,
): Serve {
  return (raw, response) => {
    const request = new DataPlaneRequest(raw, senderAddress);
    try {
      route.handle(request, response)?.catch((error: unknown) => refuse(request, response, error));
    } catch (error) {
      refuse(request, response, error);
    }
  };
}

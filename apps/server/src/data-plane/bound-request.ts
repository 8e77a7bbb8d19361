import type { BoundRequest } from '@countersign/core';
import type { DataPlaneRequest } from './data-plane-request.js';

/**
 * A request as a proof has to speak of it: under the issuer's URL, which is what clients know,
 * whatever host and scheme a proxy has made of it.
 */
export function boundRequestOf(
  { headers, method, url }: Pick<DataPlaneRequest, 'headers' | 'method' | 'url'>,
  issuer: string,
): BoundRequest {
  return { proof: headers['dpop'], method, url: issuer + url };
}

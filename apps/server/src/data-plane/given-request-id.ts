import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import type { DataPlaneRequest } from './data-plane-request.js';

/**
 * The request id exactly as the client sent it, whatever it looks like, to be sent back to it and
 * for nothing else.
 * @see AuthZEN §10.1.3: the answer MUST include the same identifier
 */
export function givenRequestId({ headers }: DataPlaneRequest): string | undefined {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' ? given : undefined;
}

import type { IncomingMessage } from 'node:http';

/** Whether a request has a body. @see RFC 9112 §6 */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

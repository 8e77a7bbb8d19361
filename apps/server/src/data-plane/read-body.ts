import type { IncomingMessage } from 'node:http';
import { hasBody } from './has-body.js';
import { UnreadableBody } from './unreadable-body.js';

const NOTHING = Buffer.alloc(0);

/**
 * Reads a body to its end; of a sender that goes away before, nothing is heard. By callbacks, since a promise
 * would cost as much as verifying a credential.
 * @param limitBytes what is larger is refused, if possible before it is sent
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  onRead: (octets: Buffer) => void,
  onRefused: (error: UnreadableBody) => void,
): void {
  if (!hasBody(request)) {
    // Such a stream is over from the start, and tells nobody.
    onRead(NOTHING);
    return;
  }
  if (Number(request.headers['content-length']) > limitBytes) {
    onRefused(new UnreadableBody('too_large'));
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= limitBytes) return;
    request.off('data', onData);
    request.off('end', onEnd);
    onRefused(new UnreadableBody('too_large'));
  };
  const onEnd = () => {
    const [only] = chunks;
    onRead(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
  };
  request.on('data', onData);
  request.on('end', onEnd);
}

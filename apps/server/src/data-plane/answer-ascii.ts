import type { ServerResponse } from 'node:http';
import { keepAliveHint } from './keep-alive-hint.js';

/**
 * Answers 200 with ASCII text that is never cached. What was set on `response` before is sent with it.
 * @param headers more of them, as a list of names and values by turns
 */
export function answerAscii(
  response: ServerResponse,
  text: string,
  mediaType: string,
  headers: readonly string[] = [],
): void {
  response.writeHead(200, [
    'content-type',
    mediaType,
    'cache-control',
    'no-store',
    'content-length',
    String(text.length),
    ...keepAliveHint(response),
    ...headers,
  ]);
  response.end(text, 'latin1');
}

import type { ServerResponse } from 'node:http';

/** Writes a whole answer; what was set on `response` before is sent with it. */
export function writeAnswer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  mediaType: string,
  text: string,
): void {
  const octets = Buffer.from(text);
  response.writeHead(status, {
    ...headers,
    'content-type': mediaType,
    'content-length': octets.length,
  });
  response.end(octets);
}

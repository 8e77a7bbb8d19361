import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { readBody } from './read-body.js';

const LIMIT = 10;
const CHUNKED = { 'transfer-encoding': 'chunked' };

function requestOf(headers: Record<string, string>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

/** What came of reading a body that arrives in these chunks. */
function read(chunks: readonly string[], headers: Record<string, string> = CHUNKED) {
  const request = requestOf(headers);
  return new Promise<string>((resolve) => {
    const heard: string[] = [];
    readBody(
      request,
      LIMIT,
      (octets) => heard.push(`read ${octets.toString()}`),
      (error) => heard.push(error.reason),
    );
    for (const chunk of chunks) request.push(chunk);
    request.push(null);
    setImmediate(() => resolve(heard.join(', ')));
  });
}

describe('readBody', () => {
  it('reads a body to its end, however it arrives', async () => {
    expect(await read([])).toBe('read ');
    expect(await read(['one'])).toBe('read one');
    expect(await read(['one', ' and', ' 2'])).toBe('read one and 2');
    expect(await read(['0123456789'], { 'content-length': '10' })).toBe('read 0123456789');
  });

  it('does not wait for one that is not announced', () => {
    for (const headers of [{}, { 'content-length': '0' }]) {
      const heard: string[] = [];
      const request = requestOf(headers);
      readBody(
        request,
        LIMIT,
        (octets) => heard.push(`read ${octets.toString()}`),
        (error) => heard.push(error.reason),
      );
      expect(heard).toEqual(['read ']);
    }
  });

  it('refuses one that is too large, once, and by its length before it is sent', async () => {
    expect(await read([], { 'content-length': '11' })).toBe('too_large');
    expect(await read(['0123456789', 'a', 'b'])).toBe('too_large');
  });

  it('says nothing of a sender that goes away', async () => {
    const request = requestOf(CHUNKED);
    const heard: unknown[] = [];
    readBody(
      request,
      LIMIT,
      (octets) => heard.push(octets),
      (error) => heard.push(error),
    );
    request.push('half');
    request.destroy();
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
  });
});

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { hasBody, readBody } from './read-body.js';

const LIMIT = 10;

function requestOf(headers: Record<string, string>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

/** What came of reading a body that arrives in these chunks. */
function read(chunks: readonly string[], headers: Record<string, string> = {}) {
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

  it('refuses one that is too large, once, and by its length before it is sent', async () => {
    expect(await read([], { 'content-length': '11' })).toBe('too_large');
    expect(await read(['0123456789', 'a', 'b'])).toBe('too_large');
  });

  it('says nothing of a sender that goes away', async () => {
    const request = requestOf({});
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

describe('hasBody (RFC 9112 §6)', () => {
  it('goes by Content-Length and Transfer-Encoding', () => {
    expect(hasBody(requestOf({}))).toBe(false);
    expect(hasBody(requestOf({ 'content-length': '0' }))).toBe(false);
    expect(hasBody(requestOf({ 'content-length': '1' }))).toBe(true);
    expect(hasBody(requestOf({ 'transfer-encoding': 'chunked' }))).toBe(true);
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { createTestIssuer, type TestIssuer } from '../src/testing/create-test-issuer.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The test issuer behind real HTTP, where each endpoint can be made to fail in its own way. */
export interface HttpService {
  readonly url: string;
  readonly issuer: TestIssuer;
  /** Answers instead of the issuer, by path. */
  readonly overrides: Map<string, Handler>;
  /** Requests for a path so far. */
  count(path: string): number;
  close(): Promise<void>;
}

export async function startHttpService(): Promise<HttpService> {
  const requests: string[] = [];
  const overrides = new Map<string, Handler>();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    requests.push(path);
    const override = overrides.get(path);
    if (override !== undefined) return override(request, response);
    answer(service, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service: HttpService = {
    url,
    issuer: createTestIssuer({ issuer: url }),
    overrides,
    count: (path) => requests.filter((one) => one === path).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

async function answer(
  { issuer, url }: HttpService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answered = await issuer.fetch(url + request.url, {
    method: request.method ?? 'GET',
    headers: request.headers as Record<string, string>,
    signal: gone.signal,
    ...(chunks.length > 0 && { body: new URLSearchParams(Buffer.concat(chunks).toString()) }),
  });
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body === null) {
    response.end();
    return;
  }
  const body = Readable.fromWeb(answered.body as NodeReadableStream);
  body.on('error', () => response.destroy()).pipe(response);
}

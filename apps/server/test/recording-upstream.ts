import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it reached an upstream. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  /** Names as they were sent, and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** An upstream that answers 200 to whatever gets through to it, and remembers it. */
export interface RecordingUpstream {
  readonly url: string;
  /** Since the last call. */
  received(): ReceivedRequest[];
  close(): Promise<void>;
}

export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  let requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request;
      const headers = rawHeaders
        .map((name, index) => [name, rawHeaders[index + 1] ?? ''] as const)
        .filter((_, index) => index % 2 === 0);
      requests.push({ method, url, headers, body });
      response.end('through');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received() {
      const since = requests;
      requests = [];
      return since;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { Agent, request } from 'node:http';

const HOST = '127.0.0.1';
const REUSE_FAILS_WITHIN_MS = 20;

export interface HttpCall {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** Whether it may be sent once more when nobody may have read it. */
  readonly isRepeatable: boolean;
}

/** What came of a call, with the moments between which it happened: ms, monotonic. */
export interface HttpAnswer {
  readonly startMs: number;
  readonly endMs: number;
  /** null: there was no answer; `text` says why. */
  readonly status: number | null;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Calls a service of this machine. Never rejects: no answer is an answer, too. */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  for (;;) {
    const answer = await attempt(call);
    // The service may close an idle connection at the very moment of its reuse; what was not sent to
    // anybody has not begun.
    if (answer !== 'not sent') return answer;
  }
}

function attempt(call: HttpCall): Promise<HttpAnswer | 'not sent'> {
  const { port, method, path, headers, body, timeoutMs, isRepeatable } = call;
  return new Promise((resolve) => {
    const startMs = performance.now();
    const settle = (status: number | null, text: string) =>
      resolve({ startMs, endMs: performance.now(), status, text });
    const outgoing = request({ agent, host: HOST, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => settle(response.statusCode ?? null, text));
      response.on('error', (error) => settle(null, error.message));
    });
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const wasIdle = outgoing.reusedSocket && performance.now() - startMs < REUSE_FAILS_WITHIN_MS;
      if (wasIdle && isRepeatable && error.code === 'ECONNRESET') resolve('not sent');
      else settle(null, error.message);
    });
    outgoing.end(body);
  });
}

/** Ends the connections that are kept for later calls. */
export function closeIdleConnections(): void {
  agent.destroy();
}

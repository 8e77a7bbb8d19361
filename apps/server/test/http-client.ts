import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; fails the test when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by what it reads
  readonly json: any;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly timeoutMs?: number;
}

export type FormFields = Readonly<Record<string, string | readonly string[]>>;

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** As `fetch` is; another one presents a certificate, say. */
export type Fetch = typeof globalThis.fetch;

/** A small client of one service: no retries, no redirects, nothing thrown for any status. */
export class HttpClient {
  constructor(
    readonly baseUrl: string,
    private readonly fetch: Fetch = globalThis.fetch,
  ) {}

  async call(path: string, options: CallOptions = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body, timeoutMs = 20_000 } = options;
    const send = this.fetch;
    const response = await send(this.baseUrl + path, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call(path, { headers });
  }

  /** POSTs a form; a list is a parameter that is repeated. */
  form(
    path: string,
    fields: FormFields | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = typeof fields === 'string' ? fields : formBody(fields);
    return this.call(path, {
      method: 'POST',
      headers: { 'content-type': FORM_TYPE, ...headers },
      body,
    });
  }

  json(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.call(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Sends exactly these bytes on a connection of their own: `fetch` would not repeat a header. */
  raw(text: string): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(this.baseUrl);
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      socket.on('close', () => resolve({ status: Number(answer.split(' ', 2)[1]), text: answer }));
      socket.on('error', reject);
    });
  }
}

export function formBody(fields: FormFields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

export function asApiKey(key: string): { 'x-api-key': string } {
  return { 'x-api-key': key };
}

export function asBearer(credential: string): { authorization: string } {
  return { authorization: `Bearer ${credential}` };
}

/** @see RFC 6749 §2.3.1: id and secret are form-encoded before they are joined */
export function asBasic(clientId: string, secret: string): { authorization: string } {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

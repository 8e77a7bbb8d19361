import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Answer } from './http-client.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Answer['json'];
}

/** Calls the admin API with one credential. */
export class AdminCaller {
  constructor(
    private readonly app: NestFastifyApplication,
    readonly credential: string,
  ) {}

  async send(
    method: Method,
    url: string,
    body?: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<AdminAnswer> {
    const answer = await this.app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${this.credential}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: answer.body === '' ? undefined : answer.json(),
    };
  }

  get(url: string): Promise<AdminAnswer> {
    return this.send('GET', url);
  }

  post(url: string, body: object | string = {}, headers = {}): Promise<AdminAnswer> {
    return this.send('POST', url, body, headers);
  }

  patch(url: string, body: object | string): Promise<AdminAnswer> {
    return this.send('PATCH', url, body);
  }

  delete(url: string): Promise<AdminAnswer> {
    return this.send('DELETE', url);
  }

  /** POSTs what has to be there for the test: fails unless it is created. */
  async create<T>(url: string, body: object): Promise<T> {
    const answer = await this.post(url, body);
    if (answer.status !== 201) throw new Error(`POST ${url}: ${answer.status} ${answer.text}`);
    return answer.body as T;
  }
}

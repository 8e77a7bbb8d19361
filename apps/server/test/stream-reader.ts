import {
  type RevocationEntry,
  type RevocationHeartbeat,
  type RevocationHello,
  revocationEntry,
  revocationHeartbeat,
  revocationHello,
} from '@countersign/contracts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { eventually } from './eventually.js';

/** A client of `/revocations/stream` that keeps all that it is sent, by a stock parser. */
export class StreamReader {
  readonly hellos: RevocationHello[] = [];
  readonly entries: RevocationEntry[] = [];
  readonly heartbeats: RevocationHeartbeat[] = [];
  /** The names of the events, in order. */
  readonly order: string[] = [];
  lastEventId: string | undefined;
  retryMs: number | undefined;
  /** Whether the service has ended the stream. */
  ended = false;

  readonly #abort = new AbortController();

  private constructor(readonly response: Response) {}

  /** Opens a stream; what it answers other than 200 fails the test. */
  static async open(
    baseUrl: string,
    headers: Readonly<Record<string, string>>,
    query = '',
  ): Promise<StreamReader> {
    const abort = new AbortController();
    const response = await fetch(`${baseUrl}/revocations/stream${query}`, {
      headers,
      signal: abort.signal,
    });
    if (response.status !== 200) {
      throw new Error(`the stream answered ${response.status}: ${await response.text()}`);
    }
    const reader = new StreamReader(response);
    abort.signal.addEventListener('abort', () => (reader.ended = true));
    reader.#abort.signal.addEventListener('abort', () => abort.abort());
    void reader.#read();
    return reader;
  }

  get positions(): number[] {
    return this.entries.map(({ position }) => position);
  }

  get ids(): string[] {
    return this.entries.map(({ id }) => id);
  }

  /** Until a heartbeat says that everything up to `position` was sent. */
  async upTo(position: number): Promise<void> {
    await eventually(`the stream is at ${position}`, () => {
      return Number(this.heartbeats.at(-1)?.position ?? -1) >= position;
    });
  }

  async untilEnded(withinMs?: number): Promise<void> {
    await eventually('the service ends the stream', () => this.ended, withinMs);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const parser = createParser({
      onEvent: (event) => this.#take(event),
      onRetry: (retryMs) => (this.retryMs = retryMs),
    });
    try {
      const text = this.response.body?.pipeThrough(new TextDecoderStream());
      for await (const chunk of text ?? []) parser.feed(chunk);
    } catch {
      // It was cut off, which is an end too.
    }
    this.ended = true;
  }

  #take({ event = 'message', id, data }: EventSourceMessage): void {
    const value: unknown = JSON.parse(data);
    if (id !== undefined) this.lastEventId = id;
    this.order.push(event);
    if (event === 'hello') this.hellos.push(revocationHello.parse(value));
    else if (event === 'revocation') this.entries.push(revocationEntry.parse(value));
    else if (event === 'heartbeat') this.heartbeats.push(revocationHeartbeat.parse(value));
  }
}

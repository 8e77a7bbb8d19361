import type { RevocationEntry, RevocationPage } from '@countersign/contracts';

const HEARTBEAT_MS = 250;
const ENTRY_SECONDS = 86_400;

/** What an entry says; the rest is filled in. */
export type TestRevocation = Pick<RevocationEntry, 'type' | 'id'> & Partial<RevocationEntry>;

/** An entry, and whose affair it is; null: of all. */
interface TestEntry {
  readonly entry: RevocationEntry;
  readonly organization: string | null;
}

/** The feed of revocations of a test issuer. */
export class TestFeed {
  readonly #entries: TestEntry[] = [];
  readonly #streams = new Set<TestStream>();
  #position = 1;
  #limitedTo: string | null = null;

  constructor(private readonly issuer: string) {}

  /** Everything up to here was published. */
  get position(): number {
    return this.#position;
  }

  /** From now on it tells only of this organization and of what concerns all; null: of every one. */
  limitTo(organization: string | null): void {
    this.#limitedTo = organization;
    this.disconnect();
  }

  publish(revocation: TestRevocation, organization: string | null = null): void {
    this.#position += 1;
    const expires_at = Math.ceil(Date.now() / 1000) + ENTRY_SECONDS;
    const entry = { position: this.#position, final: true, expires_at, ...revocation };
    this.#entries.push({ entry, organization });
    const isTold = this.#tellsOf(organization);
    for (const stream of this.#streams) if (isTold) stream.entry(entry);
  }

  page(cursor: number): RevocationPage {
    return {
      issuer: this.issuer,
      organization: this.#limitedTo,
      entries: this.#after(cursor),
      next_cursor: String(this.#position),
      more: false,
      reset: false,
      age_ms: 0,
    };
  }

  /** The body of a stream from this position on, until the signal aborts. */
  stream(cursor: number, signal: AbortSignal | null | undefined): ReadableStream<Uint8Array> {
    const stream = new TestStream(this.issuer, this.#limitedTo, () => this.#position);
    this.#streams.add(stream);
    stream.onEnd = () => this.#streams.delete(stream);
    signal?.addEventListener('abort', () => stream.fail(signal.reason), { once: true });
    for (const entry of this.#after(cursor)) stream.entry(entry);
    return stream.body;
  }

  /** All streams break off. */
  disconnect(): void {
    for (const stream of this.#streams) stream.fail(new TypeError('terminated'));
  }

  #after(cursor: number): RevocationEntry[] {
    return this.#entries.flatMap(({ entry, organization }) =>
      entry.position > cursor && this.#tellsOf(organization) ? [entry] : [],
    );
  }

  #tellsOf(organization: string | null): boolean {
    return this.#limitedTo === null || organization === null || organization === this.#limitedTo;
  }
}

/** One stream, with its heartbeats. */
class TestStream {
  onEnd = () => {};
  readonly body: ReadableStream<Uint8Array>;
  readonly #timer: NodeJS.Timeout;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(
    issuer: string,
    organization: string | null,
    private readonly position: () => number,
  ) {
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#end(),
    });
    this.#send('hello', { issuer, organization, clock_ms: performance.now(), reset: false });
    this.#timer = setInterval(() => this.#heartbeat(), HEARTBEAT_MS).unref();
    this.#heartbeat();
  }

  entry(entry: RevocationEntry): void {
    this.#send('revocation', entry, entry.position);
    this.#heartbeat();
  }

  fail(reason: unknown): void {
    this.#controller?.error(reason);
    this.#end();
  }

  #heartbeat(): void {
    const position = this.position();
    const data = { position: String(position), synced_ms: performance.now() };
    this.#send('heartbeat', data, position);
  }

  #send(event: string, data: object, id?: number): void {
    const lines = [`event: ${event}`, `data: ${JSON.stringify(data)}`];
    if (id !== undefined) lines.push(`id: ${id}`);
    this.#controller?.enqueue(this.#encoder.encode(`${lines.join('\n')}\n\n`));
  }

  #end(): void {
    this.#controller = undefined;
    clearInterval(this.#timer);
    this.onEnd();
  }
}

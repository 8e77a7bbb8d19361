import { connect, type Socket } from 'node:net';

const ENTRY = Buffer.from('event: revocation\n');
const CONNECT_TIMEOUT_MS = 10_000;

/** A client of `/revocations/stream` that only counts what it is sent. */
export class StreamClient {
  entries = 0;
  bytes = 0;
  /** Monotonic ms at which the last entry arrived. */
  lastEntryAtMs = Number.NaN;
  #carried: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly socket: Socket,
    onFailure: (error: Error) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('close', () => onFailure(new Error('the server closed a stream')));
  }

  /** Resolves once the stream has begun. @param onFailure told when it ends by itself */
  static open(
    port: number,
    request: Buffer,
    onFailure: (error: Error) => void,
  ): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      const timer = setTimeout(
        () => reject(new Error('a stream did not begin')),
        CONNECT_TIMEOUT_MS,
      );
      socket.on('error', reject);
      socket.once('data', (first: Buffer) => {
        clearTimeout(timer);
        const status = first.toString('latin1', 0, 12);
        if (status !== 'HTTP/1.1 200') reject(new Error(`a stream was answered ${status}`));
        else resolve(new StreamClient(socket, onFailure));
      });
      socket.write(request);
    });
  }

  close(): void {
    this.socket.removeAllListeners('close').destroy();
  }

  #received(chunk: Buffer): void {
    this.bytes += chunk.length;
    const bytes = this.#carried.length === 0 ? chunk : Buffer.concat([this.#carried, chunk]);
    let end = 0;
    for (let at = bytes.indexOf(ENTRY); at !== -1; at = bytes.indexOf(ENTRY, end)) {
      end = at + ENTRY.length;
      this.entries += 1;
      this.lastEntryAtMs = performance.now();
    }
    // An entry's first line may come in two pieces.
    this.#carried = bytes.subarray(Math.max(end, bytes.length - ENTRY.length + 1));
  }
}

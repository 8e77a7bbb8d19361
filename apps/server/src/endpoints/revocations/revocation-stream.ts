import type { ServerResponse } from 'node:http';
import type { HeldCaller } from '../../http/held-callers.js';

/** Why a stream ended, as the metric has it. */
export type StreamEnd = 'client' | 'credential' | 'slow' | 'reset' | 'drain' | 'displaced';

/** What a client is sent may wait for it up to here; then it is too slow, and comes back. */
const BUFFERED_MAX_BYTES = 1024 * 1024;
/** A client that has taken nothing for so long is gone, or as good as. */
const STALLED_MAX_MS = 10_000;

type Response = Pick<
  ServerResponse,
  'write' | 'end' | 'destroy' | 'once' | 'off' | 'writableLength' | 'writableNeedDrain'
>;

/** One client that follows the feed: what it was sent, and how fast it takes it. */
export class RevocationStream {
  #ended: StreamEnd | undefined;
  #stalledSinceMs: number | undefined;

  /**
   * @param position everything up to here is known to the client, or was written to it
   * @param onEnd told once
   */
  constructor(
    private readonly response: Response,
    readonly caller: HeldCaller,
    public position: number,
    private readonly onEnd: (stream: RevocationStream, reason: StreamEnd) => void,
  ) {
    response.once('close', () => this.#conclude('client'));
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** @param event the same buffer may go to any number of streams */
  write(event: Buffer | string): void {
    if (this.ended) return;
    this.response.write(event);
    if (this.response.writableLength > BUFFERED_MAX_BYTES) this.end('slow');
  }

  /** Ends it when nothing has been taken for too long. @param nowMs monotonic */
  checkPace(nowMs: number): void {
    if (!this.response.writableNeedDrain) this.#stalledSinceMs = undefined;
    else if (this.#stalledSinceMs === undefined) this.#stalledSinceMs = nowMs;
    else if (nowMs - this.#stalledSinceMs > STALLED_MAX_MS) this.end('slow');
  }

  /** Resolves once more can be written, or never will be. */
  async writable(): Promise<void> {
    if (this.ended || !this.response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.response.off('drain', settle);
        this.response.off('close', settle);
        resolve();
      };
      this.response.once('drain', settle);
      this.response.once('close', settle);
    });
  }

  /** Ends it at once: what a slow client has not taken yet, it asks for when it comes back. */
  end(reason: StreamEnd): void {
    if (this.ended) return;
    this.#conclude(reason);
    if (this.response.writableNeedDrain) this.response.destroy();
    else this.response.end();
  }

  #conclude(reason: StreamEnd): void {
    if (this.ended) return;
    this.#ended = reason;
    this.onEnd(this, reason);
  }
}

import type { Socket } from 'node:net';

/**
 * One direction of a proxied connection. What comes is always read, so that the sender notices nothing;
 * it is passed on in order, after a delay, and not at all while the pipe is held. The end is passed on
 * like bytes: over a network that lets nothing through nobody hears that the other has gone.
 */
export class Pipe {
  /** Milliseconds for what comes from now on. */
  delayMs = 0;
  #isHeld = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #queue: { readonly bytes: Buffer | null; readonly dueMs: number }[] = [];

  /** @param transform of what passes; may leave something out */
  constructor(
    from: Socket,
    private readonly to: Socket,
    transform: (bytes: Buffer) => Buffer,
  ) {
    from.on('data', (bytes) => this.#take(transform(bytes)));
    from.on('close', () => this.#take(null));
    from.on('error', () => undefined);
    // Nobody is left to pass anything on to.
    to.on('close', () => {
      clearTimeout(this.#timer);
      this.#queue.length = 0;
    });
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** What was held up gets through. */
  release(): void {
    this.#isHeld = false;
    this.#pump();
  }

  #take(bytes: Buffer | null): void {
    if (this.to.destroyed) return;
    // Never before what came earlier, though that had a longer delay.
    const earliestMs = this.#queue.at(-1)?.dueMs ?? 0;
    this.#queue.push({ bytes, dueMs: Math.max(performance.now() + this.delayMs, earliestMs) });
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (!this.#isHeld) {
      const [next] = this.#queue;
      if (next === undefined) return;
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs);
        return;
      }
      this.#queue.shift();
      if (next.bytes === null) this.to.destroy();
      else if (this.to.writable && next.bytes.length > 0) this.to.write(next.bytes);
    }
  }
}

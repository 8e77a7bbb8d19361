import type { Socket } from 'node:net';
import type { Direction } from '../schedule/step.js';
import { Pipe } from './pipe.js';

/** What a replica calls its connection that follows the feed, in the first message that it sends. */
const FOLLOWER_NAME = 'countersign-follower';

/** One proxied connection. */
export class Link {
  /** Whether it is the one over which a replica follows the feed of changes. */
  isFollower = false;
  readonly #forth: Pipe;
  readonly #back: Pipe;

  /** @param fromServer what passes of what comes back */
  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    fromServer: (bytes: Buffer) => Buffer,
  ) {
    near.once('data', (bytes) => (this.isFollower = bytes.includes(FOLLOWER_NAME)));
    this.#forth = new Pipe(near, far, (bytes) => bytes);
    this.#back = new Pipe(far, near, fromServer);
  }

  hold(direction: Direction): void {
    if (direction !== 'back') this.#forth.hold();
    if (direction !== 'forth') this.#back.hold();
  }

  release(): void {
    this.#forth.release();
    this.#back.release();
  }

  /** @param delayMs milliseconds for each direction */
  slowDown(delayMs: number): void {
    this.#forth.delayMs = delayMs;
    this.#back.delayMs = delayMs;
  }

  /** Both sides see the connection end. */
  destroy(): void {
    this.near.destroy();
    this.far.destroy();
  }
}

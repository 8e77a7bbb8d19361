import type { Clock } from '../src/clock.js';

/** Clocks that go only when they are told to. */
export class ManualClock implements Clock {
  #monotonicMs = 1_000_000;
  #wallMs = Date.now();

  readonly monotonicMs = () => this.#monotonicMs;
  readonly wallMs = () => this.#wallMs;

  advance(ms: number): void {
    this.#monotonicMs += ms;
    this.#wallMs += ms;
  }

  /** The machine was suspended: only the wall clock shows it. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }
}

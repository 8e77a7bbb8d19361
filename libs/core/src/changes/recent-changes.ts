import type { Change } from './change.js';

/** The newest changes that were applied, to judge a reading that was under way meanwhile. */
export class RecentChanges {
  #changes: Change[] = [];

  /** @param capacity how many are remembered, at least */
  constructor(private readonly capacity = 1024) {}

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > 2 * this.capacity)
      this.#changes = this.#changes.slice(-this.capacity);
  }

  /**
   * Whether something in `subjects` changed after `position`. Also true when that cannot be told,
   * because `position` lies before what is remembered.
   */
  anySince(position: number, subjects: readonly string[]): boolean {
    const last = this.#changes.at(-1);
    if (last === undefined || last.position <= position) return false;
    const first = this.#changes[0];
    if (first === undefined || first.position > position + 1) return true;
    return this.#changes.some(
      (change) => change.position > position && subjects.includes(change.subject),
    );
  }

  clear(): void {
    this.#changes = [];
  }
}

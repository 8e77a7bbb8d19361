import { Injectable } from '@nestjs/common';

/**
 * Whether this process is on its way out. Begun at the first signal, before the server stops to
 * listen, so that load balancers can turn elsewhere first.
 */
@Injectable()
export class DrainState {
  #draining = false;
  readonly #listeners: (() => void)[] = [];

  get draining(): boolean {
    return this.#draining;
  }

  begin(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const listener of this.#listeners) listener();
  }

  /** For what would go on for ever: `listener` ends it, when the process is on its way out. */
  onBegin(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

import { Injectable } from '@nestjs/common';

/**
 * Whether this process is on its way out. Begun at the first signal, before the server stops to
 * listen, so that load balancers can turn elsewhere first.
 */
@Injectable()
export class DrainState {
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  begin(): void {
    this.#draining = true;
  }
}

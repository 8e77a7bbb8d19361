import type { IssuedCredential } from './credential.js';
import type { Ask, FaultWindow, Taking } from './operation.js';

/** All that happened, as the test bed saw it. */
export interface History {
  readonly credentials: readonly IssuedCredential[];
  readonly asks: readonly Ask[];
  readonly takings: readonly Taking[];
  readonly faults: readonly FaultWindow[];
}

/** A history that is being written. */
export class HistoryWriter implements History {
  readonly credentials: IssuedCredential[] = [];
  readonly asks: Ask[] = [];
  readonly takings: Taking[] = [];
  readonly faults: FaultWindow[] = [];
}

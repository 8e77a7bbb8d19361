import type { Propagation } from '@countersign/contracts';
import { Created } from './created.js';

/** The answer to a change, together with how far that has come among the replicas. */
export class Propagated<Answer> {
  /**
   * @param answer what the change answers by itself: a body, a `Created`, or nothing
   * @param preferredWaitSeconds what the request said of it, and was heeded; null: nothing
   */
  constructor(
    readonly answer: Answer,
    readonly propagation: Propagation,
    readonly preferredWaitSeconds: number | null,
  ) {}

  /** 202: it is done, but some replica may still act as if it was not. @see RFC 9110 §15.3.3 */
  get status(): 200 | 201 | 202 {
    if (!this.propagation.confirmed) return 202;
    return this.answer instanceof Created ? 201 : 200;
  }
}

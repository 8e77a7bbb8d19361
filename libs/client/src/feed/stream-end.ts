/** Why a stream ended, and how to go on: after a while, at once, or with everything from the start. */
export interface StreamEnd {
  readonly reason: string;
  readonly next: 'retry' | 'reconnect' | 'reload';
}

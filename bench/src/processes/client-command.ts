import type { VerifyCommand } from './verify-command.js';

/** What the process of client-loop.ts is told to do. */
export interface ClientCommand extends Omit<VerifyCommand, 'side'> {
  /**
   * `bare`: `crypto.verify`; `unseen`: tokens that the verifier does not remember; `seen`: tokens that
   * it does; `request`: the same, out of a request with scopes.
   */
  readonly side: 'bare' | 'unseen' | 'seen' | 'request';
}

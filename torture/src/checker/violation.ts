import type { Ask, Taking } from '../history/operation.js';

/** The clauses of the invariant, by what it is to break them. */
export const CLAUSES = {
  'accepted-by-replica':
    'a replica accepted it in answer to a request that was begun after its revocation was confirmed',
  'accepted-by-verifier':
    'a local verifier accepted it longer than the permitted time after its revocation was confirmed',
  'accepted-after-expiry': 'it was accepted after it had expired',
  'turned-away': 'it was turned away although nobody had taken anything from it',
  'scopes-missing': 'it was accepted, but without scopes that nobody had taken from it',
  unavailable: 'there was no answer although nothing was broken',
  'taking-lost': 'its revocation was acknowledged, and it is accepted after everything was healed',
  'creation-lost':
    'its creation was acknowledged, and it is not accepted after everything was healed',
  'not-recovered': 'there is no answer after everything was healed',
  'taking-unconfirmed': 'a revocation was not confirmed although nothing was broken',
} as const;

export type Clause = keyof typeof CLAUSES;

/** One way in which a history contradicts what is promised. */
export interface Violation {
  readonly clause: Clause;
  /** Absent where it is about a change alone. */
  readonly ask?: Ask;
  /** The change whose promise was broken. */
  readonly taking?: Taking;
}

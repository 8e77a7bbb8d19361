import type { CredentialState } from './credential-state.js';

/** A row as the database had it, and the position of the change feed in that same snapshot. */
export interface KeyStateReading {
  readonly state: CredentialState | null;
  readonly position: number;
}

/**
 * The one cold read of the hot path: everything about a key version, or about a federated identity
 * (`fid_…`), in one statement.
 * Rejects with `DependencyUnavailable` when the database cannot answer in time.
 */
export type ReadKeyState = (id: string) => Promise<KeyStateReading>;

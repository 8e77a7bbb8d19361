import type { KeyState } from './key-state.js';

/** A row as the database had it, and the position of the change feed in that same snapshot. */
export interface KeyStateReading {
  readonly state: KeyState | null;
  readonly position: number;
}

/**
 * The one cold read of the hot path: everything about a key version in one statement.
 * Rejects with `DependencyUnavailable` when the database cannot answer in time.
 */
export type ReadKeyState = (versionId: string) => Promise<KeyStateReading>;

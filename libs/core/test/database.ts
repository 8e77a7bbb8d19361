import type { Change, ChangeKind } from '../src/changes/change.js';
import type { ChangeSink } from '../src/changes/change-sink.js';
import type { KeyState } from '../src/state/key-state.js';
import type { ReadKeyState } from '../src/state/read-key-state.js';

/** Key versions in memory, read and changed as the real database is: by snapshots and a feed. */
export class Database {
  position = 0;
  readonly rows = new Map<string, KeyState>();
  /** The version ids that were read, in order. */
  readonly reads: string[] = [];

  /** What a reading waits for between its snapshot and its answer. */
  beforeAnswer: () => Promise<unknown> = () => new Promise(setImmediate);

  constructor(private readonly sinks: ChangeSink[] = []) {}

  readonly readKeyState: ReadKeyState = async (versionId) => {
    this.reads.push(versionId);
    const snapshot = { state: this.rows.get(versionId) ?? null, position: this.position };
    await this.beforeAnswer();
    return snapshot;
  };

  follow(...sinks: ChangeSink[]): void {
    this.sinks.push(...sinks);
  }

  insert(state: KeyState): Promise<void> {
    this.rows.set(state.versionId, state);
    return this.announce('api_key_version', state.versionId);
  }

  /** Changes a row, and resolves when every follower has applied the change. */
  update(
    versionId: string,
    kind: ChangeKind,
    subject: string,
    change: Partial<KeyState>,
  ): Promise<void> {
    const row = this.rows.get(versionId);
    if (row === undefined) throw new Error(`no row ${versionId}`);
    this.rows.set(versionId, Object.freeze({ ...row, ...change }));
    return this.announce(kind, subject);
  }

  delete(versionId: string, keyId: string): Promise<void> {
    this.rows.delete(versionId);
    return this.announce('api_key', keyId);
  }

  async announce(kind: ChangeKind, subject: string, expiresAt: Date | null = null): Promise<void> {
    this.position += 1;
    const change: Change = { position: this.position, kind, subject, expiresAt };
    for (const sink of this.sinks) await sink.apply(change);
  }
}

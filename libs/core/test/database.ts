import type { Change, ChangeKind } from '../src/changes/change.js';
import type { ChangeSink } from '../src/changes/change-sink.js';
import type { Revocation } from '../src/revocation/revocation.js';
import type { CredentialState } from '../src/state/credential-state.js';
import type { IdentityState } from '../src/state/identity-state.js';
import type { KeyState } from '../src/state/key-state.js';
import type { ReadKeyState } from '../src/state/read-key-state.js';

/** Key versions and identities in memory, read and changed as the real database is: by snapshots and a feed. */
export class Database {
  position = 0;
  readonly rows = new Map<string, CredentialState>();
  /** The ids that were read, in order. */
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

  insert(state: CredentialState): Promise<void> {
    const isKey = state.kind === 'api_key';
    const id = isKey ? state.versionId : state.identityId;
    this.rows.set(id, state);
    return this.announce(isKey ? 'api_key_version' : 'federated_identity', id);
  }

  /** Changes a row, and resolves when every follower has applied the change. */
  update(
    versionId: string,
    kind: ChangeKind,
    subject: string,
    change: Partial<Omit<KeyState, 'kind'> & Omit<IdentityState, 'kind'>>,
  ): Promise<void> {
    const row = this.rows.get(versionId);
    if (row === undefined) throw new Error(`no row ${versionId}`);
    this.rows.set(versionId, Object.freeze({ ...row, ...change }) as CredentialState);
    return this.announce(kind, subject);
  }

  delete(versionId: string, keyId: string): Promise<void> {
    this.rows.delete(versionId);
    return this.announce('api_key', keyId);
  }

  /** Revokes a token, for good. */
  revoke(jti: string): Promise<void> {
    return this.announce('revocation', jti, {
      position: this.position + 1,
      type: 'jti',
      id: jti,
      final: true,
      effectiveAt: null,
      expiresAt: Number.MAX_SAFE_INTEGER,
      audiences: null,
      organizationId: null,
    });
  }

  async announce(
    kind: ChangeKind,
    subject: string,
    revocation: Revocation | null = null,
  ): Promise<void> {
    this.position += 1;
    const change: Change = { position: this.position, kind, subject, revocation };
    for (const sink of this.sinks) await sink.apply(change);
  }
}

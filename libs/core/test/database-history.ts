import type { Change, ChangeKind } from '../src/changes/change.js';
import type { CredentialState } from '../src/state/credential-state.js';
import type { KeyStateReading } from '../src/state/read-key-state.js';
import { identityState, keyState } from './key-state.js';

interface Relations {
  /** The key of a version, the issuer of an identity. */
  readonly parentId: string;
  readonly principalId: string;
  readonly organizationId: string | null;
}

/**
 * Two versions of one key, and one each of two others; two identities of one issuer. Two principals
 * are of one organization.
 */
const RELATIONS: Readonly<Record<string, Relations>> = {
  version1: { parentId: 'key1', principalId: 'principal1', organizationId: 'organization1' },
  version2: { parentId: 'key1', principalId: 'principal1', organizationId: 'organization1' },
  version3: { parentId: 'key2', principalId: 'principal2', organizationId: 'organization1' },
  version4: { parentId: 'key3', principalId: 'principal3', organizationId: null },
  fid_1: { parentId: 'issuer1', principalId: 'principal1', organizationId: 'organization1' },
  fid_2: { parentId: 'issuer1', principalId: 'principal3', organizationId: null },
};

export const VERSION_IDS = Object.keys(RELATIONS);

/** What may happen to the database; each is one entry of the feed. */
export type Happening =
  | { readonly kind: 'api_key_version' | 'federated_identity'; readonly subject: string }
  | {
      readonly kind: 'api_key' | 'trusted_issuer' | 'organization' | 'role';
      readonly subject: string;
    }
  | { readonly kind: 'principal'; readonly subject: string; readonly roleIds: readonly string[] }
  | {
      readonly kind: 'api_key' | 'trusted_issuer';
      readonly subject: string;
      readonly deleted: true;
    };

/**
 * A database that remembers all that it ever was. A state is stamped with the position of the last
 * change that concerned it, in `principalMetadata`.
 */
export class DatabaseHistory {
  /** At each position of the feed, the state of each version that existed. */
  readonly #snapshots: ReadonlyMap<string, CredentialState>[] = [new Map()];
  readonly #changes: Change[] = [];
  readonly #roleIds = new Map<string, readonly string[]>();

  get position(): number {
    return this.#changes.length;
  }

  /** The entry of the feed at this position; positions start at 1. */
  changeAt(position: number): Change | undefined {
    return this.#changes[position - 1];
  }

  read(versionId: string): KeyStateReading {
    const state = this.#snapshots[this.position]?.get(versionId) ?? null;
    return { state, position: this.position };
  }

  commit(happening: Happening): void {
    const position = this.position + 1;
    if (happening.kind === 'principal') this.#roleIds.set(happening.subject, happening.roleIds);
    const now = new Map(this.#snapshots[this.position]);
    for (const versionId of VERSION_IDS) {
      if (!this.#concerns(happening, versionId, now.get(versionId))) continue;
      if ('deleted' in happening) now.delete(versionId);
      else if (now.has(versionId) || happening.subject === versionId) {
        now.set(versionId, this.#stateOf(versionId, position));
      }
    }
    this.#snapshots.push(now);
    this.#changes.push(entry(position, happening.kind, happening.subject));
  }

  /** Whether the database had exactly this state of the version at `position` or later. */
  hadSince(position: number, versionId: string, state: CredentialState | null): boolean {
    return this.#snapshots
      .slice(position)
      .some((snapshot) => (snapshot.get(versionId) ?? null) === state);
  }

  #concerns(happening: Happening, versionId: string, state: CredentialState | undefined): boolean {
    const relations = RELATIONS[versionId];
    if (happening.subject === versionId) return true;
    if (happening.kind === 'role') return state?.roleIds.includes(happening.subject) ?? false;
    return relations !== undefined && Object.values(relations).includes(happening.subject);
  }

  #stateOf(versionId: string, position: number): CredentialState {
    const relations = RELATIONS[versionId];
    if (relations === undefined) throw new Error(`there is no ${versionId}`);
    const { parentId, ...principal } = relations;
    const roleIds = this.#roleIds.get(relations.principalId) ?? [];
    const common = { ...principal, roleIds, principalMetadata: { stamp: position } };
    return versionId.startsWith('fid_')
      ? identityState({ identityId: versionId, trustedIssuerId: parentId, ...common })
      : keyState({ versionId, keyId: parentId, ...common });
  }
}

function entry(position: number, kind: ChangeKind, subject: string): Change {
  return { position, kind, subject, revocation: null };
}

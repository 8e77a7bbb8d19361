import type { RevocationEntry } from '@countersign/contracts';

/** Names by which a credential that was introspected is spoken of in the feed. */
export type DisturbanceName = string;

/** Stands for every federated token: an answer does not tell which trusted issuer it is of. */
export const ANY_TRUSTED_ISSUER = 'credential tis_';

/**
 * When the feed last spoke of whom: of a credential as a whole, whichever version or identity of it an
 * entry names, since an answer about a key does not tell the version. Remembered for as long as an answer
 * from before may still be in memory.
 */
export class Disturbances {
  /** Oldest first. */
  readonly #atMs = new Map<DisturbanceName, number>();

  /** @param keepMs for how long each is remembered */
  constructor(private readonly keepMs: number) {}

  record(entry: RevocationEntry, nowMs: number): void {
    for (const [name, atMs] of this.#atMs) {
      if (nowMs - atMs <= this.keepMs) break;
      this.#atMs.delete(name);
    }
    const name = nameOfEntry(entry);
    this.#atMs.delete(name);
    this.#atMs.set(name, nowMs);
  }

  /** Whether the feed has spoken of one of these since then. */
  haveHit(names: readonly DisturbanceName[], sinceMs: number): boolean {
    return names.some((name) => {
      const atMs = this.#atMs.get(name);
      return atMs !== undefined && !(atMs < sinceMs);
    });
  }

  clear(): void {
    this.#atMs.clear();
  }
}

function nameOfEntry({ type, id }: RevocationEntry): DisturbanceName {
  return type === 'credential' ? credentialName(id) : `${type} ${id}`;
}

/** The name of a credential by its id, by that of a version of it, or by an identity of an issuer. */
export function credentialName(id: string): DisturbanceName {
  if (id.startsWith('tis_') && !id.includes('.')) return ANY_TRUSTED_ISSUER;
  const parts = id.split('.');
  const name = id.startsWith('tis_') ? parts[1] : parts[0];
  return `credential ${name}`;
}

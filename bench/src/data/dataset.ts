/** A database full of keys. Two sections that ask for the same one share it. */
export interface Dataset {
  readonly keys: number;
  /** How many keys each principal has. */
  readonly keysPerPrincipal: number;
  /** argon2's, of the stored hashes. */
  readonly argon2MemoryKib: number;
}

/** The service's own default. */
export const DEFAULT_ARGON2_MEMORY_KIB = 1024;

/** What most sections work on. */
export const STANDARD: Dataset = {
  keys: 100_000,
  keysPerPrincipal: 1,
  argon2MemoryKib: DEFAULT_ARGON2_MEMORY_KIB,
};

export function databaseName({ keys, keysPerPrincipal, argon2MemoryKib }: Dataset): string {
  return `bench_${keys}_${keysPerPrincipal}_${argon2MemoryKib}`;
}

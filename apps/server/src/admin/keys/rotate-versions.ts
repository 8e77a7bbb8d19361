import { ACCESS_TOKEN_TTL_MAX_SECONDS } from '@countersign/contracts';
import type { ApiKeyVersionEntity } from '@countersign/persistence';

type Version = Pick<ApiKeyVersionEntity, 'id' | 'expiresAt'>;

export interface RotatedVersions {
  /** Versions whose grace now ends earlier than it did, and when. */
  readonly ending: readonly { readonly id: string; readonly expiresAt: Date }[];
  /** Versions that ended so long ago that nothing which was derived from them is alive. */
  readonly obsolete: readonly string[];
}

/**
 * What becomes of the versions of a key when a new one is added: those that still work do so until
 * the grace is over, and never longer than they would have anyway.
 */
export function rotateVersions(
  versions: readonly Version[],
  graceSeconds: number,
  now: Date,
): RotatedVersions {
  const graceEnd = new Date(now.getTime() + graceSeconds * 1000);
  const obsoleteBefore = new Date(now.getTime() - ACCESS_TOKEN_TTL_MAX_SECONDS * 1000);
  return {
    ending: versions
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > graceEnd)
      .map(({ id }) => ({ id, expiresAt: graceEnd })),
    obsolete: versions
      .filter(({ expiresAt }) => expiresAt !== null && expiresAt < obsoleteBefore)
      .map(({ id }) => id),
  };
}

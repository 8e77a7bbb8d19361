import { ACCESS_TOKEN_TTL_MAX_SECONDS } from '@countersign/contracts';
import type { ApiKeyVersionEntity } from '@countersign/persistence';

type Version = Pick<ApiKeyVersionEntity, 'id' | 'expiresAt' | 'ended'>;

export interface RotatedVersions {
  /** Versions that end earlier than they would have: when, and whether at once, by no clock. */
  readonly ending: readonly (Version & { readonly expiresAt: Date })[];
  /** Versions that ended so long ago that nothing which was derived from them is alive. */
  readonly obsolete: readonly string[];
}

/**
 * What becomes of the versions of a key when a new one is added: those that still work do so until
 * the grace is over, and never longer than they would have anyway. Without a grace they end at once,
 * also those whose grace is over by this clock: it may not be by another one.
 */
export function rotateVersions(
  versions: readonly Version[],
  graceSeconds: number,
  now: Date,
): RotatedVersions {
  const obsoleteBefore = new Date(now.getTime() - ACCESS_TOKEN_TTL_MAX_SECONDS * 1000);
  const obsolete = versions.filter(({ expiresAt }) => isBefore(expiresAt, obsoleteBefore));
  const left = versions.filter((version) => !version.ended && !obsolete.includes(version));
  return {
    ending: graceSeconds === 0 ? endedAtOnce(left, now) : endingWith(left, graceSeconds, now),
    obsolete: obsolete.map(({ id }) => id),
  };
}

function endedAtOnce(versions: readonly Version[], now: Date): RotatedVersions['ending'] {
  return versions.map(({ id, expiresAt }) => ({
    id,
    expiresAt: isBefore(expiresAt, now) ? expiresAt : now,
    ended: true,
  }));
}

function endingWith(
  versions: readonly Version[],
  graceSeconds: number,
  now: Date,
): RotatedVersions['ending'] {
  const graceEnd = new Date(now.getTime() + graceSeconds * 1000);
  return versions
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > graceEnd)
    .map(({ id }) => ({ id, expiresAt: graceEnd, ended: false }));
}

function isBefore(expiresAt: Date | null, moment: Date): expiresAt is Date {
  return expiresAt !== null && expiresAt < moment;
}

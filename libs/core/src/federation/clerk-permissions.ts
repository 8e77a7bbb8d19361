import { claimAt } from './claim-at.js';

const VERSION = 2;
const FEATURE = /^(?<scopes>[uo]{1,2}):(?<name>[^:]+)$/;
const MASK = /^\d+$/;

/**
 * The permissions that a session token of Clerk's, of version 2, has in its active organization, as version 1
 * spelt them: `org:<feature>:<permission>`. `fea` lists the features, those of the organization with an
 * `o`; `o.per` the permissions; `o.fpm` has a number for each of these features, in which the lowest
 * bit stands for the first permission. None at all where the three do not fit together: by a shift
 * of one place they would be other permissions.
 */
export function clerkPermissions(claims: Readonly<Record<string, unknown>>): readonly string[] {
  if (claimAt(claims, '/v') !== VERSION) return [];
  const features = organizationFeatures(listAt(claims, '/fea'));
  const permissions = listAt(claims, '/o/per');
  const masks = listAt(claims, '/o/fpm');
  if (features === null || features.length !== masks.length) return [];
  if (!masks.every((mask) => MASK.test(mask))) return [];
  const bits = masks.map((mask) => BigInt(mask).toString(2));
  if (bits.some(({ length }) => length > permissions.length)) return [];
  return features.flatMap((feature, index) =>
    permissions
      .filter((_, place) => bits[index]?.at(-1 - place) === '1')
      .map((permission) => `org:${feature}:${permission}`),
  );
}

function listAt(claims: Readonly<Record<string, unknown>>, pointer: string): readonly string[] {
  const value = claimAt(claims, pointer);
  return typeof value === 'string' && value !== '' ? value.split(',') : [];
}

/** null: one of them is written in a way that is not known. */
function organizationFeatures(entries: readonly string[]): readonly string[] | null {
  const found = entries.map((entry) => FEATURE.exec(entry)?.groups);
  if (found.includes(undefined)) return null;
  return found.flatMap((groups) =>
    groups?.['scopes']?.includes('o') ? [groups['name'] ?? ''] : [],
  );
}

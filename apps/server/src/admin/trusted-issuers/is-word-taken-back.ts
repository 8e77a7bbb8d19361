import { isDeepStrictEqual } from 'node:util';
import type { TrustedIssuerEntity } from '@countersign/persistence';
import { isLimitNarrowed } from '../is-limit-narrowed.js';
import { isNarrowed } from '../is-narrowed.js';

/** By what an issuer's word is taken: whose signature, to whom, and how it is read. */
export type WordTaken = Pick<
  TrustedIssuerEntity,
  | 'jwks'
  | 'jwksUri'
  | 'discovery'
  | 'algorithms'
  | 'audienceClaim'
  | 'audiences'
  | 'targetAudiences'
  | 'mapping'
>;

/**
 * Whether tokens that an issuer's word was taken by before would be turned away now, or be read
 * otherwise. What was derived from them bears no trace of why; its status and its ceiling are another
 * matter, since both are looked at in each use.
 */
export function isWordTakenBack(before: WordTaken, after: WordTaken): boolean {
  return (
    before.jwksUri !== after.jwksUri ||
    areKeysNarrowed(before.jwks, after.jwks) ||
    before.discovery !== after.discovery ||
    before.audienceClaim !== after.audienceClaim ||
    !isDeepStrictEqual(before.mapping, after.mapping) ||
    isNarrowed(before.algorithms, after.algorithms) ||
    isNarrowed(before.audiences, after.audiences) ||
    areTargetsNarrowed(before.targetAudiences, after.targetAudiences)
  );
}

/** null: they are fetched. */
function areKeysNarrowed(before: WordTaken['jwks'], after: WordTaken['jwks']): boolean {
  if (before === null || after === null) return before !== after;
  return !before.keys.every((jwk) => after.keys.some((kept) => isDeepStrictEqual(kept, jwk)));
}

/** null: those that the token names, which may be any. */
function areTargetsNarrowed(before: string[] | null, after: string[] | null): boolean {
  if (before === null || after === null) return before !== after && after?.length !== 0;
  return isLimitNarrowed(before, after);
}

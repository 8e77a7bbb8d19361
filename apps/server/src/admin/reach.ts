import type { Caller } from '../http/caller-authenticator.js';
import { ProblemException } from '../http/problem.js';

/** The organization that the caller is limited to; null: none, it reaches everything. */
export function reachOf(caller: Caller): string | null {
  return caller.keyState.organizationId;
}

/** Whether the caller may see and touch what belongs to this organization (null: to none). */
export function isWithinReach(caller: Caller, organizationId: string | null): boolean {
  const reach = reachOf(caller);
  return reach === null || reach === organizationId;
}

/**
 * For what belongs to no organization and so concerns all of them.
 * @throws {ProblemException} `not_permitted` when the caller is limited to an organization
 */
export function requireUnlimited(caller: Caller): void {
  if (reachOf(caller) === null) return;
  throw new ProblemException(
    'not_permitted',
    'The caller is limited to its organization, and this concerns others too.',
  );
}

import { ADMIN_SCOPE } from '@countersign/contracts';
import type { Caller } from '../http/caller-authenticator.js';
import { ProblemException } from '../http/problem.js';

/** What a caller holds, as far as granting goes: that of the credential that it presents, now. */
export type Granting = { readonly principal: Pick<Caller['principal'], 'scopes'> };

/**
 * Nobody hands on what it does not hold itself; `countersign:admin` may hand on everything.
 * @throws {ProblemException} `grant_exceeds_caller` unless the caller holds all of `scopes`
 */
export function requireGrantable({ principal }: Granting, scopes: readonly string[]): void {
  const held = new Set(principal.scopes);
  if (held.has(ADMIN_SCOPE)) return;
  const beyond = scopes.filter((scope) => !held.has(scope));
  if (beyond.length === 0) return;
  throw new ProblemException(
    'grant_exceeds_caller',
    `The caller does not hold: ${[...new Set(beyond)].sort().join(' ')}`,
  );
}

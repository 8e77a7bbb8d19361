import { type CountersignScope, satisfiesScope } from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import { BEARER_CHALLENGE } from './authenticate-caller.js';
import { OAuthFailure } from './oauth-failure.js';

/**
 * @param stronger another scope that will do as well
 * @throws {OAuthFailure} the caller does not hold the scope
 * @see RFC 6750 §3.1
 */
export function requireScope(
  { principal: { scopes } }: VerifiedCredential,
  scope: CountersignScope,
  stronger?: CountersignScope,
): void {
  if (satisfiesScope(scopes, scope)) return;
  if (stronger !== undefined && scopes.includes(stronger)) return;
  throw new OAuthFailure('insufficient_scope', `the scope ${scope} is needed`, {
    challenge: `${BEARER_CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
  });
}

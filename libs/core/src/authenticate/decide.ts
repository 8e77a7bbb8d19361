import { ACCEPTED, type Accepted, type Rejection, rejected } from '@countersign/verify';
import type { Decidable } from './checks.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { possibleChecks } from './possible-checks.js';

/**
 * Decides whether a verified credential may be used now. Everything is evaluated at every use, also
 * of a credential that memory knows: status, expiry, revocation, audience, restrictions, scopes.
 */
export function decide(
  credential: Decidable,
  context: DecisionContext,
  memory: DecisionMemory,
): Accepted | Rejection {
  for (const { failure } of possibleChecks(credential)) {
    const code = failure(credential, context, memory);
    if (code !== undefined) return rejected(code);
  }
  return ACCEPTED;
}

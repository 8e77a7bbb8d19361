import type { RejectionCode } from '@countersign/contracts';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { Check } from './checks.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { possibleChecks } from './possible-checks.js';

/** A check that a credential failed, and why. */
export interface CheckFailure {
  readonly check: Check;
  readonly code: RejectionCode;
}

const NONE: readonly CheckFailure[] = Object.freeze([]);

/**
 * Every check that a verified credential fails, the gravest first: where `decide` stops at the first,
 * this goes on.
 */
export function findFailures(
  credential: VerifiedCredential,
  context: DecisionContext,
  memory: DecisionMemory,
): readonly CheckFailure[] {
  let failures: CheckFailure[] | undefined;
  for (const check of possibleChecks(credential)) {
    const code = check.failure(credential, context, memory);
    if (code !== undefined) (failures ??= []).push({ check, code });
  }
  return failures ?? NONE;
}

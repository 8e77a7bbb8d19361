import { z } from 'zod';

/**
 * Why a use is not allowed, the gravest first. Closed, and all that the outside learns: whatever is
 * wrong with a credential in itself is `invalid_credential`.
 */
export const DECISION_FAILURES = [
  { check: 'credential', code: 'invalid_credential' },
  { check: 'audience', code: 'wrong_audience' },
  { check: 'binding', code: 'binding_unproven' },
  { check: 'ip', code: 'ip_not_allowed' },
  { check: 'method', code: 'method_not_allowed' },
  { check: 'path', code: 'path_not_allowed' },
  { check: 'scopes', code: 'insufficient_scope' },
] as const;

export type DecisionFailureCode = (typeof DECISION_FAILURES)[number]['code'];
export type DecisionCode = 'ok' | DecisionFailureCode;

const failureChecks = DECISION_FAILURES.map(({ check }) => check);
const failureCodes = DECISION_FAILURES.map(({ code }) => code);

/** `ok`, or the gravest of the failures. */
export const decisionCode = z.enum(['ok', ...failureCodes]).meta({ id: 'DecisionCode' });

/** One check that failed. */
export const decisionFailure = z
  .strictObject({
    check: z.enum(failureChecks),
    code: z.enum(failureCodes),
    detail: z.string().optional().describe('a sentence for people; not to be parsed'),
  })
  .meta({ id: 'DecisionFailure' });

export type DecisionFailure = z.infer<typeof decisionFailure>;

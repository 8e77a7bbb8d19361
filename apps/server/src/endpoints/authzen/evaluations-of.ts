import type { EvaluationRequest, EvaluationsRequest } from '@countersign/contracts';
import { type FieldError, validationFailed } from '../../http/problem.js';

/**
 * Each evaluation of a request with the defaults that stand beside them; an entity of its own
 * replaces the default as a whole.
 * @throws {ProblemException} naming each entity that an evaluation has neither of its own nor by
 *   default
 * @see AuthZEN §7.1.1
 */
export function evaluationsOf({
  evaluations = [],
  options: _,
  ...defaults
}: EvaluationsRequest): EvaluationRequest[] {
  const missing: FieldError[] = [];
  const whole = evaluations.flatMap((own, at) => {
    const { subject, action, resource, context } = { ...defaults, ...own };
    const given = { subject, action, resource };
    for (const [name, entity] of Object.entries(given)) {
      if (entity === undefined) {
        missing.push({ field: `evaluations.${at}.${name}`, message: 'is required' });
      }
    }
    if (subject === undefined || action === undefined || resource === undefined) return [];
    return [{ subject, action, resource, ...(context !== undefined && { context }) }];
  });
  if (missing.length > 0) throw validationFailed(missing);
  return whole;
}

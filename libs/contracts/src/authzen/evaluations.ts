import { z } from 'zod';
import { evaluationEntities, evaluationResponse } from './evaluation.js';

/** Most evaluations of one request. */
export const EVALUATIONS_MAX = 100;

export const EVALUATIONS_SEMANTICS = [
  'execute_all',
  'deny_on_first_deny',
  'permit_on_first_permit',
] as const;

const partialEvaluation = z.object(evaluationEntities).partial();

/**
 * Body of `POST /access/v1/evaluations`: what stands beside `evaluations` are defaults for each.
 * @see AuthZEN §7.1
 */
export const evaluationsRequest = z
  .object({
    ...partialEvaluation.shape,
    evaluations: z.array(partialEvaluation).max(EVALUATIONS_MAX).optional(),
    options: z
      .object({ evaluations_semantic: z.enum(EVALUATIONS_SEMANTICS).optional() })
      .optional(),
  })
  .meta({ id: 'EvaluationsRequest' });

/** One decision, when there were no `evaluations`, or one for each that was executed. @see AuthZEN §7.2 */
export const evaluationsResponse = z
  .union([evaluationResponse, z.strictObject({ evaluations: z.array(evaluationResponse) })])
  .meta({ id: 'EvaluationsResponse' });

export type EvaluationsRequest = z.infer<typeof evaluationsRequest>;

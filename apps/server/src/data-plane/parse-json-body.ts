import type { z } from 'zod';
import { describeIssue } from '../http/describe-issue.js';
import { validationFailed } from '../http/problem.js';

// Enough to see what is wrong: an error is not to be larger than its request.
const ERRORS_MAX = 20;

/**
 * A JSON body by the schema that also documents it.
 * @param body as it was read; undefined: there was none, which is one without members
 * @throws {ProblemException} naming the fields that are wrong, at most 20
 */
export function parseJsonBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body === undefined ? {} : body);
  if (parsed.success) return parsed.data;
  throw validationFailed(parsed.error.issues.flatMap(describeIssue).slice(0, ERRORS_MAX));
}

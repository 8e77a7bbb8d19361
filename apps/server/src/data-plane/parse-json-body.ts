import type { z } from 'zod';
import { describeIssue } from '../http/describe-issue.js';
import { validationFailed } from '../http/problem.js';

/**
 * A JSON body by the schema that also documents it.
 * @param body as it was read; undefined: there was none, which is one without members
 * @throws {ProblemException} naming each field that is wrong
 */
export function parseJsonBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body === undefined ? {} : body);
  if (parsed.success) return parsed.data;
  throw validationFailed(parsed.error.issues.flatMap(describeIssue));
}

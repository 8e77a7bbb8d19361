import { PROBLEMS, type Problem } from '@countersign/contracts';
import type { ProblemException } from './problem.js';

/** The problem document of an exception. @see RFC 9457 §3 */
export function toProblem(exception: ProblemException, requestId: string): Problem {
  const { status, title } = PROBLEMS[exception.code];
  return {
    type: `urn:countersign:problem:${exception.code}`,
    title,
    status,
    detail: exception.detail,
    code: exception.code,
    request_id: requestId,
    ...(exception.errors && { errors: exception.errors.map((error) => ({ ...error })) }),
  };
}

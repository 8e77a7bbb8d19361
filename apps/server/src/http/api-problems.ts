import { PROBLEMS, type ProblemCode } from '@countersign/contracts';
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** Media type of every error of the admin API. @see RFC 9457 §3 */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Declares in the OpenAPI document which problems a route answers with. */
export function ApiProblems(...codes: readonly ProblemCode[]): ClassDecorator & MethodDecorator {
  return applyDecorators(...codes.map(describeProblem));
}

// Several problems of one status become one response: their descriptions are put together.
function describeProblem(code: ProblemCode) {
  const { status, title } = PROBLEMS[code];
  return ApiResponse({
    status,
    description: `\`${code}\`: ${title}.`,
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath('Problem') } } },
  });
}

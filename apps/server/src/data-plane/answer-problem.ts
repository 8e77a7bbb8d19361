import type { ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from '../http/api-problems.js';
import type { ProblemException } from '../http/problem.js';
import { toProblem } from '../http/to-problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import { writeAnswer } from './write-answer.js';

/** Answers an error of a JSON endpoint as the admin API does. @see RFC 9457 §3 */
export function answerProblem(
  request: DataPlaneRequest,
  response: ServerResponse,
  exception: ProblemException,
): void {
  const problem = toProblem(exception, request.id);
  const headers = {
    ...exception.headers,
    [REQUEST_ID_HEADER]: request.id,
    'cache-control': 'no-store',
  };
  writeAnswer(response, problem.status, headers, PROBLEM_MEDIA_TYPE, JSON.stringify(problem));
}

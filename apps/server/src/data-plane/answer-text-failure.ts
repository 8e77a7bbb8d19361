import type { ServerResponse } from 'node:http';
import type { ProblemException } from '../http/problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import { givenRequestId } from './given-request-id.js';
import { writeAnswer } from './write-answer.js';

/**
 * Answers an error as AuthZEN has it: an error message, and 400 for whatever is wrong with the
 * request's body.
 * @see AuthZEN §10.1.1, §10.1.2
 */
export function answerTextFailure(
  request: DataPlaneRequest,
  response: ServerResponse,
  problem: ProblemException,
): void {
  const isInvalid = problem.code === 'validation_failed';
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  const message = isInvalid ? `The request is not valid: ${fields.join('; ')}.` : problem.detail;
  const headers = {
    ...problem.headers,
    [REQUEST_ID_HEADER]: givenRequestId(request) ?? request.id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  const status = isInvalid ? 400 : problem.getStatus();
  writeAnswer(response, status, headers, 'text/plain; charset=utf-8', message);
}

import type { ServerResponse } from 'node:http';
import { answerAsciiJson, toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import { givenRequestId } from '../../data-plane/given-request-id.js';
import { REQUEST_ID_HEADER } from '../../observability/request-id.js';

/** Answers an evaluation, with the request's id where it had one. @see AuthZEN §10.1.3 */
export function answerEvaluation(
  request: DataPlaneRequest,
  response: ServerResponse,
  answer: object,
): void {
  const requestId = givenRequestId(request);
  const headers = requestId === undefined ? [] : [REQUEST_ID_HEADER, requestId];
  answerAsciiJson(response, toAsciiJson(answer), headers);
}

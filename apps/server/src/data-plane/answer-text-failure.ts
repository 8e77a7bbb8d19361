import type { FastifyReply } from 'fastify';
import type { ProblemException } from '../http/problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import { dataPlaneRequestId } from './data-plane-request-id.js';
import { givenRequestId } from './given-request-id.js';

/**
 * Answers an error as AuthZEN has it: an error message, and 400 for whatever is wrong with the
 * request's body.
 * @see AuthZEN §10.1.1, §10.1.2
 */
export function answerTextFailure(reply: FastifyReply, problem: ProblemException): void {
  const isInvalid = problem.code === 'validation_failed';
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  const message = isInvalid ? `The request is not valid: ${fields.join('; ')}.` : problem.detail;
  void reply
    .code(isInvalid ? 400 : problem.getStatus())
    .headers({
      ...problem.headers,
      [REQUEST_ID_HEADER]: givenRequestId(reply.request) ?? dataPlaneRequestId(reply.request),
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    .send(message);
}

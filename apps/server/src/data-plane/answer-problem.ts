import type { FastifyReply } from 'fastify';
import type { ProblemException } from '../http/problem.js';
import { sendProblem } from '../http/send-problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import { dataPlaneRequestId } from './data-plane-request-id.js';

/** Answers an error of a JSON endpoint as the admin API does. @see RFC 9457 §3 */
export function answerProblem(reply: FastifyReply, problem: ProblemException): void {
  const requestId = dataPlaneRequestId(reply.request);
  sendProblem(reply.header(REQUEST_ID_HEADER, requestId), problem, requestId);
}

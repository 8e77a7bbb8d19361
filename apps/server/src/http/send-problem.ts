import type { FastifyReply } from 'fastify';
import { PROBLEM_MEDIA_TYPE } from './api-problems.js';
import type { ProblemException } from './problem.js';
import { toProblem } from './to-problem.js';

/**
 * Answers a request with a problem document.
 * @see RFC 9457 §3
 */
export function sendProblem(reply: FastifyReply, exception: ProblemException): void {
  const problem = toProblem(exception, reply.request.id);
  void reply
    .code(problem.status)
    .headers({ ...exception.headers, 'cache-control': 'no-store' })
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}

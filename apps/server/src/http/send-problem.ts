import { PROBLEMS, type Problem } from '@countersign/contracts';
import type { FastifyReply } from 'fastify';
import { PROBLEM_MEDIA_TYPE } from './api-problems.js';
import type { ProblemException } from './problem.js';

/**
 * Answers a request with a problem document.
 * @param requestId where it is not Fastify's own
 * @see RFC 9457 §3
 */
export function sendProblem(
  reply: FastifyReply,
  exception: ProblemException,
  requestId = reply.request.id,
): void {
  const problem = toProblem(exception, requestId);
  void reply
    .code(problem.status)
    .headers({ ...exception.headers, 'cache-control': 'no-store' })
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}

function toProblem(exception: ProblemException, requestId: string): Problem {
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

import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemException } from './problem.js';
import { problemOfError } from './problem-of-error.js';
import { sendProblem } from './send-problem.js';

/** Answers every error of a Nest route as `application/problem+json`. @see RFC 9457 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const exception = problemOfError(error);
    this.#log(exception, error, request.id);
    if (!reply.sent) sendProblem(reply, exception);
  }

  /** Only name, message and stack: the other members of an error may hold what was submitted. */
  #log(exception: ProblemException, error: unknown, requestId: string): void {
    if (exception.getStatus() < 500) return;
    if (exception.code === 'unavailable') {
      this.#logger.warn({ msg: reasonOf(error), request_id: requestId });
      return;
    }
    const stack = error instanceof Error ? error.stack : undefined;
    this.#logger.error({ msg: reasonOf(error), request_id: requestId, stack });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something was thrown';
}

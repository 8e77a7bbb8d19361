import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { metadataUrl } from './metadata-url.js';
import type { ProblemException } from './problem.js';
import { problemOfError } from './problem-of-error.js';
import { sendProblem } from './send-problem.js';

/**
 * Answers every error of a Nest route as `application/problem+json`; a challenge says where the
 * metadata of our API is.
 * @see RFC 9457, RFC 9728 §5.1
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const exception = problemOfError(error).pointingTo(metadataUrl(this.config.issuer));
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

import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Created } from './created.js';
import { PREFERENCE_APPLIED_HEADER } from './preferred-wait.js';
import { Propagated } from './propagated.js';

/**
 * Answers a `Created` with 201, its Location and its body; a `Propagated` with `propagation` in the
 * body besides, and with 202 where that is not confirmed.
 */
@Injectable()
export class ChangeAnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof Propagated)) return bodyOf(answer, reply);
        const body = bodyOf(answer.answer, reply) as object | undefined;
        void reply.code(answer.status);
        const waitSeconds = answer.preferredWaitSeconds;
        if (waitSeconds !== null) {
          void reply.header(PREFERENCE_APPLIED_HEADER, `wait=${waitSeconds}`);
        }
        return { ...body, propagation: answer.propagation };
      }),
    );
  }
}

function bodyOf(answer: unknown, reply: FastifyReply): unknown {
  if (!(answer instanceof Created)) return answer;
  void reply.code(201).header('location', answer.location);
  if (answer.replayed) void reply.header('idempotency-replayed', 'true');
  return answer.body;
}

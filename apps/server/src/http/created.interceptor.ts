import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Created } from './created.js';

/** Answers a `Created` with 201, its Location and its body. */
@Injectable()
export class CreatedInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof Created)) return answer;
        void reply.code(201).header('location', answer.location);
        if (answer.replayed) void reply.header('idempotency-replayed', 'true');
        return answer.body as object;
      }),
    );
  }
}

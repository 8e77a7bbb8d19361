import {
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import type { Clock } from '../clock.js';
import type { ServiceConnection } from '../service/service-connection.js';
import { inSpan } from '../service/in-span.js';
import { ServiceFailure } from '../service/service-failure.js';
import type { ClientTracer } from '../tracer.js';
import type { IntrospectedEvent } from '../verifier-hooks.js';
import type { UnavailableReason } from '../verify-result.js';
import { askService } from './ask-service.js';
import type { IntrospectionAnswer } from './introspection-answer.js';
import type { Question } from './question.js';

const ATTEMPTS = 2;
const FAILURES_TO_OPEN = 5;
const OPEN_MS = 1000;

export interface IntrospectorParts {
  readonly service: ServiceConnection;
  readonly clock: Clock;
  readonly concurrency: number;
  readonly queueSize: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly tracer: ClientTracer | undefined;
  readonly onEvent: (event: IntrospectedEvent) => void;
  readonly onCallerRefused: (status: number) => void;
}

/** Nobody could tell: why, and when to come again. */
export class IntrospectionFailure extends Error {
  override readonly name = 'IntrospectionFailure';

  constructor(
    readonly reason: UnavailableReason,
    readonly retryAfterSeconds: number,
    options: ErrorOptions,
  ) {
    super('the service could not be asked', options);
  }
}

/**
 * Asks the service about credentials, never about more than so many at once: a bounded queue in front,
 * a second attempt after a short wait, a time limit for each, and a circuit that opens while the service
 * is out of order, so that a backend does not wait for what will not come.
 */
export class Introspector {
  readonly #policy: IPolicy;

  constructor(private readonly parts: IntrospectorParts) {
    const { concurrency, queueSize, timeoutMs } = parts;
    this.#policy = wrap(
      bulkhead(concurrency, queueSize),
      retry(handleWhen(isTransient), {
        maxAttempts: ATTEMPTS - 1,
        backoff: new ExponentialBackoff({ initialDelay: 25, maxDelay: 200 }),
      }),
      circuitBreaker(handleWhen(isOutage), {
        breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
        halfOpenAfter: OPEN_MS,
      }),
      timeout(timeoutMs, TimeoutStrategy.Aggressive),
    );
  }

  /**
   * @param signal ends what is under way
   * @throws {IntrospectionFailure}
   */
  async ask(question: Question, signal: AbortSignal): Promise<IntrospectionAnswer> {
    const { clock, onEvent, service, tracer } = this.parts;
    const startedMs = clock.monotonicMs();
    try {
      const answer = await inSpan(tracer, 'countersign.introspect', () =>
        this.#policy.execute(
          ({ signal: attempt }) => askService(service, clock, question, attempt),
          signal,
        ),
      );
      const durationMs = clock.monotonicMs() - startedMs;
      onEvent({ outcome: answer.active ? 'active' : 'inactive', durationMs });
      return answer;
    } catch (error) {
      const failure = this.#failureOf(error);
      const durationMs = clock.monotonicMs() - startedMs;
      onEvent({ outcome: 'failed', durationMs, reason: failure.reason });
      throw failure;
    }
  }

  #failureOf(cause: unknown): IntrospectionFailure {
    if (cause instanceof BulkheadRejectedError) {
      return new IntrospectionFailure('overloaded', 1, { cause });
    }
    if (cause instanceof ServiceFailure && cause.isCallerRefused) {
      this.parts.onCallerRefused(cause.details.status ?? 0);
      return new IntrospectionFailure('misconfigured', 5, { cause });
    }
    const retryAfterSeconds =
      cause instanceof ServiceFailure ? (cause.details.retryAfterSeconds ?? 1) : 1;
    return new IntrospectionFailure('introspection', retryAfterSeconds, { cause });
  }
}

function isTransient(error: Error): boolean {
  return (
    (error instanceof ServiceFailure && error.isTransient) || error instanceof TaskCancelledError
  );
}

function isOutage(error: Error): boolean {
  return error instanceof TaskCancelledError || (error instanceof ServiceFailure && error.isOutage);
}

import { type Dependency, DependencyUnavailable } from '@countersign/core';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';

// In an outage every request fails for the same reason, and a line for each would be its worst load.
const OUTAGE_LINE_EVERY_MS = 1_000;

export interface FailureReportParts {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'unansweredRequests'>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** What the sender of a request was told. */
export interface ToldFailure {
  readonly status: number;
  readonly code: string;
  readonly description: string;
}

/** The request that failed, as its log line names it. */
export interface FailedRequest {
  readonly route: string | undefined;
  /** Asked for only where a line is written. */
  readonly requestId: () => string;
}

type Report = (failure: ToldFailure, error: unknown, request: FailedRequest) => void;

/**
 * Reports requests that fail: what is our fault as an error; an outage in a metric and, once a second
 * for whatever is missing, as a warning that tells how many went before it; the rest to debug.
 */
export function reportFailure(parts: FailureReportParts): Report {
  const { logger, metrics, now = () => performance.now() } = parts;
  const outages = new Map<Dependency, { lineAtMs: number; withoutLine: number }>();

  const reportOutage = (fields: () => object, error: DependencyUnavailable) => {
    const { dependency } = error;
    metrics.unansweredRequests.increment(dependency);
    const outage = outages.get(dependency) ?? { lineAtMs: -Infinity, withoutLine: 0 };
    outages.set(dependency, outage);
    if (now() - outage.lineAtMs < OUTAGE_LINE_EVERY_MS) {
      outage.withoutLine += 1;
      return;
    }
    const { withoutLine } = outage;
    logger.warn({ ...fields(), without_a_line: withoutLine, error }, 'requests not answered');
    outage.lineAtMs = now();
    outage.withoutLine = 0;
  };

  return (failure, error, request) => {
    const fields = () => ({
      request_id: request.requestId(),
      route: request.route,
      status: failure.status,
      code: failure.code,
    });
    const outage = outageIn(error);
    if (outage !== undefined) reportOutage(fields, outage);
    else if (failure.status >= 500) logger.error({ ...fields(), error }, 'request failed');
    else logger.debug({ ...fields(), detail: failure.description }, 'request refused');
  };
}

/** What an error says was missing, be it by its cause, as the use cases of the admin API do. */
function outageIn(error: unknown): DependencyUnavailable | undefined {
  if (error instanceof DependencyUnavailable) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DependencyUnavailable ? cause : undefined;
}

import { type BaseLogger, type DestinationStream, pino } from 'pino';
import type { LogLevel } from '../config/variables.js';
import { redactMembers } from './redact-members.js';
import { scrubCredentials } from './scrub-credentials.js';
import { serializeError } from './serialize-error.js';

/** Pino's logger, but without children: what is bound to a child goes past the redaction. */
export type Logger = BaseLogger;

/**
 * The log: JSON lines on standard output, with `level` in words and `time` in RFC 3339.
 * Nothing should ever pass a secret to it. Should it happen, members with a telling name are
 * redacted, and whatever looks like a credential is taken out of the line.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: redactMembers,
      },
      serializers: {
        error: serializeError,
        err: serializeError,
        req: describeRequest,
        res: describeResponse,
      },
      hooks: { streamWrite: scrubCredentials },
    },
    destination ?? pino.destination(1),
  );
}

/** Never headers, body, query or the raw path: the route's template says what was called. */
function describeRequest(request: unknown) {
  const { id, method, routeOptions } = request as RequestLike;
  return { id, method, route: routeOptions?.url };
}

interface RequestLike {
  readonly id?: string;
  readonly method?: string;
  readonly routeOptions?: { readonly url?: string };
}

function describeResponse(reply: unknown) {
  return { status: (reply as { statusCode?: number }).statusCode };
}

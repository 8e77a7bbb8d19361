import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/variables.js';
import { scrubCredentials } from './scrub-credentials.js';
import { serializeError } from './serialize-error.js';

export type { Logger };

/**
 * The log: JSON lines on standard output, with `level` in words and `time` in RFC 3339.
 * Nothing should ever pass a secret to it. Should it happen, members with a telling name are
 * redacted down to the fourth level, and whatever looks like a credential is taken out of the line.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
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

/** Names whose value is a secret, or may hold one. Compared exactly: pino has no other way. */
const REDACTED_NAMES = [
  ...['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'Cookie', 'set-cookie'],
  ...['x-api-key', 'X-API-Key', 'api_key', 'apiKey', 'key'],
  ...['token', 'access_token', 'accessToken', 'refresh_token', 'refreshToken', 'id_token'],
  ...['subject_token', 'subjectToken', 'actor_token', 'actorToken', 'jwt', 'assertion'],
  ...['client_secret', 'clientSecret', 'client_assertion', 'secret', 'secrets', 'secretHash'],
  ...['password', 'passphrase', 'credential', 'private_key', 'privateKey', 'privateJwk'],
  ...['headers', 'rawHeaders', 'body', 'rawBody', 'payload', 'query', 'parameters'],
];

const REDACTED_PATHS = REDACTED_NAMES.flatMap((name) => {
  const member = `["${name}"]`;
  return [member, `*${member}`, `*.*${member}`, `*.*.*${member}`];
});

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

import type { ProblemCode } from '@countersign/contracts';
import { DependencyUnavailable, MalformedCertificate } from '@countersign/core';
import { HttpException } from '@nestjs/common';
import { ProblemException } from './problem.js';

/**
 * Turns whatever was thrown into the problem that the outside is told: Nest's and Fastify's own
 * errors by their status, an outage as 503 with Retry-After, anything else as 500. Only a
 * `ProblemException` speaks for itself; the message of another error never goes out.
 */
export function problemOfError(error: unknown): ProblemException {
  if (error instanceof ProblemException) return error;
  if (error instanceof DependencyUnavailable) {
    return new ProblemException('unavailable', 'Something that the answer needs is unavailable.', {
      cause: error,
      headers: { 'retry-after': String(error.retryAfterSeconds) },
    });
  }
  if (error instanceof MalformedCertificate) {
    const detail = `The client certificate that a proxy tells of: ${error.message}.`;
    return new ProblemException('invalid_request', detail, { cause: error });
  }
  const status = statusOf(error);
  const [code, detail] = BY_STATUS[status] ?? (status < 500 ? UNREADABLE : OURS);
  return new ProblemException(code, detail, { cause: error });
}

const UNREADABLE: readonly [ProblemCode, string] = [
  'malformed_request',
  'The request could not be read.',
];
const OURS: readonly [ProblemCode, string] = ['internal_error', 'The error was logged.'];
const NO_SUCH_ROUTE: readonly [ProblemCode, string] = ['not_found', 'There is nothing here.'];

const BY_STATUS: Readonly<Record<number, readonly [ProblemCode, string]>> = {
  401: ['unauthenticated', 'A valid credential is needed.'],
  403: ['not_permitted', 'The caller may not do this.'],
  404: NO_SUCH_ROUTE,
  405: ['method_not_allowed', 'The method is not allowed here.'],
  413: ['payload_too_large', 'The request body is larger than 64 KiB.'],
  // A path segment longer than any id is the id of nothing.
  414: NO_SUCH_ROUTE,
  415: ['unsupported_media_type', 'The body must be JSON, with its media type in Content-Type.'],
  503: ['unavailable', 'The service cannot answer now.'],
};

/** The HTTP status that Nest or Fastify gave their own error; 500 for any other. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const isFastifyError = error instanceof Error && error.name === 'FastifyError';
  if (isFastifyError && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return 500;
}

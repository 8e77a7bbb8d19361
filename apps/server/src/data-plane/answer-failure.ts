import { DependencyUnavailable, MalformedCertificate } from '@countersign/core';
import type { FastifyReply } from 'fastify';
import { ProblemException } from '../http/problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import { dataPlaneRequestId } from './data-plane-request-id.js';
import { MalformedForm } from './form-parameters.js';
import { OAuthFailure } from './oauth-failure.js';
import { renderFailure } from './render-failure.js';

/**
 * Answers an error of an OAuth endpoint: JSON with `error` and `error_description`, never cached.
 * What is not known to be the client's fault or an outage is a 500 that says nothing.
 * @see RFC 6749 §5.2
 */
export function answerFailure(reply: FastifyReply, failure: OAuthFailure): FastifyReply {
  const { headers, body } = renderFailure(failure);
  return reply
    .code(failure.status)
    .headers({ ...headers, [REQUEST_ID_HEADER]: dataPlaneRequestId(reply.request) })
    .send(body);
}

/** Sorts an error into what its sender is told. */
export function toOAuthFailure(error: unknown): OAuthFailure {
  if (error instanceof OAuthFailure) return error;
  if (error instanceof MalformedCertificate) {
    return new OAuthFailure('invalid_request', `the client certificate: ${error.message}`);
  }
  if (error instanceof MalformedForm) return new OAuthFailure('invalid_request', error.message);
  if (error instanceof DependencyUnavailable) {
    return new OAuthFailure('temporarily_unavailable', 'the service cannot tell now; try again', {
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  // What is changed here is changed by the use cases of the admin API.
  if (error instanceof ProblemException && error.code === 'unavailable') {
    return new OAuthFailure('temporarily_unavailable', error.detail, { retryAfterSeconds: 5 });
  }
  return fromFastify(error) ?? new OAuthFailure('server_error', 'an error on our side');
}

const FASTIFY_ERRORS: Readonly<Record<string, OAuthFailure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new OAuthFailure('invalid_request', 'the body is too large', {
    status: 413,
  }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new OAuthFailure(
    'invalid_request',
    'the body must be form-encoded: Content-Type application/x-www-form-urlencoded',
    { status: 415 },
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new OAuthFailure(
    'invalid_request',
    'the body is not as long as Content-Length says',
  ),
};

function fromFastify(error: unknown): OAuthFailure | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return FASTIFY_ERRORS[String(error.code)];
}

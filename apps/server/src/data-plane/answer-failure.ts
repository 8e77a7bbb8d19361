import { DependencyUnavailable, MalformedCertificate } from '@countersign/core';
import type { ServerResponse } from 'node:http';
import { ProblemException } from '../http/problem.js';
import { REQUEST_ID_HEADER } from '../observability/request-id.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import { MalformedForm } from './form-parameters.js';
import { OAuthFailure } from './oauth-failure.js';
import { renderFailure } from './render-failure.js';
import { UnreadableBody } from './unreadable-body.js';
import { writeAnswer } from './write-answer.js';

/**
 * Answers an error of an OAuth endpoint: JSON with `error` and `error_description`, never cached.
 * What is not known to be the client's fault or an outage is a 500 that says nothing.
 * @see RFC 6749 §5.2
 */
export function answerFailure(
  request: DataPlaneRequest,
  response: ServerResponse,
  failure: OAuthFailure,
): void {
  const { headers, body } = renderFailure(failure);
  writeAnswer(
    response,
    failure.status,
    { ...headers, [REQUEST_ID_HEADER]: request.id },
    'application/json; charset=utf-8',
    JSON.stringify(body),
  );
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
  if (error instanceof UnreadableBody) return UNREADABLE[error.reason];
  return new OAuthFailure('server_error', 'an error on our side');
}

const UNREADABLE: Readonly<Record<UnreadableBody['reason'], OAuthFailure>> = {
  too_large: new OAuthFailure('invalid_request', 'the body is too large', { status: 413 }),
  wrong_media_type: new OAuthFailure(
    'invalid_request',
    'the body must be form-encoded: Content-Type application/x-www-form-urlencoded',
    { status: 415 },
  ),
};

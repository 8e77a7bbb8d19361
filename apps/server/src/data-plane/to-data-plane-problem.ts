import type { OAuthErrorCode, ProblemCode } from '@countersign/contracts';
import { ProblemException } from '../http/problem.js';
import { problemOfError } from '../http/problem-of-error.js';
import { OAuthFailure } from './oauth-failure.js';
import { UnreadableBody } from './unreadable-body.js';

/** A token of 100 kB is answered as inactive; what is larger is no token. */
export const BODY_LIMIT_BYTES = 256 * 1024;

/** Sorts an error of a JSON endpoint into the problem that its sender is told. */
export function toDataPlaneProblem(error: unknown): ProblemException {
  if (error instanceof OAuthFailure) return fromOAuthFailure(error);
  if (error instanceof UnreadableBody) return UNREADABLE[error.reason](error);
  return problemOfError(error);
}

const UNREADABLE: Readonly<
  Record<UnreadableBody['reason'], (cause: UnreadableBody) => ProblemException>
> = {
  too_large: (cause) => {
    const detail = `The request body is larger than ${BODY_LIMIT_BYTES / 1024} KiB.`;
    return new ProblemException('payload_too_large', detail, { cause });
  },
  wrong_media_type: (cause) => {
    const detail = 'The body must be JSON, with its media type in Content-Type.';
    return new ProblemException('unsupported_media_type', detail, { cause });
  },
};

const PROBLEM_CODES: Partial<Record<OAuthErrorCode, ProblemCode>> = {
  invalid_request: 'invalid_request',
  invalid_client: 'unauthenticated',
  invalid_token: 'unauthenticated',
  invalid_dpop_proof: 'unauthenticated',
  use_dpop_nonce: 'unauthenticated',
  insufficient_scope: 'insufficient_scope',
  temporarily_unavailable: 'unavailable',
};

/** Who the caller is, and what it may do, is found out in OAuth's terms at every endpoint. */
function fromOAuthFailure(failure: OAuthFailure): ProblemException {
  const { challenge, retryAfterSeconds, dpopNonce } = failure.options;
  const known = PROBLEM_CODES[failure.code] ?? 'internal_error';
  const code = failure.status === 405 ? 'method_not_allowed' : known;
  const headers = {
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
    ...(dpopNonce !== undefined && { 'dpop-nonce': dpopNonce }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
  return new ProblemException(code, sentence(failure.description), { cause: failure, headers });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

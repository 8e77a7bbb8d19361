import { type TokenRequest, tokenRequest } from '@countersign/contracts';
import type { FormParameters } from '../../data-plane/form-parameters.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';

const ONCE = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
  'scope',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'refresh_token',
  'actor_token',
  'actor_token_type',
] as const;

/**
 * Reads the form by the same schema that documents it. Unknown parameters are ignored.
 * @throws {OAuthFailure} naming the parameter
 * @see RFC 6749 §3.2, §5.2; RFC 8693 §2.1
 */
export function readTokenRequest(form: FormParameters): TokenRequest {
  const sent = Object.fromEntries(ONCE.map((name) => [name, form.one(name)]));
  if (sent['grant_type'] === undefined) {
    throw new OAuthFailure('invalid_request', 'grant_type is missing');
  }
  const parsed = tokenRequest.safeParse({
    ...sent,
    audience: form.all('audience'),
    resource: form.all('resource'),
  });
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0]);
  throw field === 'grant_type'
    ? new OAuthFailure('unsupported_grant_type', 'this grant_type is not supported')
    : new OAuthFailure('invalid_request', `${field} has a value that is not supported`);
}

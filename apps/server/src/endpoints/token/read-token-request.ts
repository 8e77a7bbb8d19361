import { GRANT_TYPES, type TokenRequest, tokenRequest } from '@countersign/contracts';
import type { FormParameters } from '../../data-plane/form-parameters.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';

/**
 * Reads the form by the same schema that documents it. Unknown parameters are ignored.
 * @throws {OAuthFailure} naming the parameter
 * @see RFC 6749 §3.2, §5.2; RFC 8693 §2.1
 */
export function readTokenRequest(form: FormParameters): TokenRequest {
  const sent = parametersIn(form);
  if (sent.grant_type === undefined) {
    throw new OAuthFailure('invalid_request', 'grant_type is missing');
  }
  if (isUsual(sent)) return sent;
  const parsed = tokenRequest.safeParse(sent);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0]);
  throw field === 'grant_type'
    ? new OAuthFailure('unsupported_grant_type', 'this grant_type is not supported')
    : new OAuthFailure('invalid_request', `${field} has a value that is not supported`);
}

function parametersIn(form: FormParameters) {
  return {
    grant_type: form.one('grant_type'),
    client_id: form.one('client_id'),
    client_secret: form.one('client_secret'),
    client_assertion_type: form.one('client_assertion_type'),
    client_assertion: form.one('client_assertion'),
    scope: form.one('scope'),
    subject_token: form.one('subject_token'),
    subject_token_type: form.one('subject_token_type'),
    requested_token_type: form.one('requested_token_type'),
    refresh_token: form.one('refresh_token'),
    actor_token: form.one('actor_token'),
    actor_token_type: form.one('actor_token_type'),
    audience: form.all('audience'),
    resource: form.all('resource'),
  };
}

type Parameters = ReturnType<typeof parametersIn>;

const GRANTS: ReadonlySet<string | undefined> = new Set(GRANT_TYPES);

/** Whether there is nothing that the schema could refuse: text is text, but for what it enumerates. */
function isUsual(sent: Parameters): sent is Parameters & TokenRequest {
  return (
    GRANTS.has(sent.grant_type) &&
    sent.subject_token_type === undefined &&
    sent.requested_token_type === undefined &&
    sent.actor_token_type === undefined
  );
}

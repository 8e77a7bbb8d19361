import {
  CLIENT_CREDENTIALS,
  TOKEN_EXCHANGE,
  TOKEN_TYPE_ACCESS_TOKEN,
} from '@countersign/contracts';
import type { CredentialSource } from '../credential-source.js';
import { ServiceFailure } from '../service/service-failure.js';
import type { TokenRequestOptions } from './token-request-options.js';

/**
 * The form parameters of a request for a token; the credential that asks goes into a header.
 * @throws {ServiceFailure} when the token of a subject or an actor cannot be had
 * @see RFC 6749 §4.4.2, RFC 8693 §2.1
 */
export async function formOfTokenRequest({
  subject,
  actor,
  audience = [],
  scope,
}: TokenRequestOptions): Promise<URLSearchParams> {
  const form = new URLSearchParams();
  form.set('grant_type', subject === undefined ? CLIENT_CREDENTIALS : TOKEN_EXCHANGE);
  if (subject !== undefined) {
    form.set('subject_token', await reveal(subject.token));
    form.set('subject_token_type', subject.type ?? TOKEN_TYPE_ACCESS_TOKEN);
  }
  if (actor !== undefined) {
    form.set('actor_token', await reveal(actor.token));
    form.set('actor_token_type', actor.type ?? TOKEN_TYPE_ACCESS_TOKEN);
  }
  for (const one of typeof audience === 'string' ? [audience] : audience) {
    form.append('audience', one);
  }
  if (scope !== undefined) form.set('scope', typeof scope === 'string' ? scope : scope.join(' '));
  return form;
}

async function reveal(source: CredentialSource): Promise<string> {
  try {
    return typeof source === 'string' ? source : await source();
  } catch (cause) {
    throw new ServiceFailure('network', 'a token to exchange could not be had', { cause });
  }
}

import { JWT_BEARER_ASSERTION } from '@countersign/contracts';
import {
  type CredentialHeaders,
  type PresentedCredential,
  presentedCredential,
} from '@countersign/core';
import type { FormParameters } from './form-parameters.js';

/**
 * The credential that the caller of an OAuth endpoint presents for itself: in a header, or in the
 * form, as `client_id` and `client_secret` or as a client assertion. More than one is ambiguous.
 * @see RFC 6749 §2.3: a client MUST NOT use more than one method in a request
 */
export function presentedByCaller(
  headers: CredentialHeaders,
  form: FormParameters,
): PresentedCredential {
  const inHeaders = presentedCredential(headers);
  const clientSecret = form.one('client_secret');
  const assertion = form.one('client_assertion');
  const assertionType = form.one('client_assertion_type');
  const asserts = assertion !== undefined || assertionType !== undefined;
  if (clientSecret === undefined && !asserts) return inHeaders;
  if (inHeaders.mechanism !== 'none' || (clientSecret !== undefined && asserts)) {
    return {
      mechanism: 'ambiguous',
      detail:
        'more than one of client_secret, client_assertion and a credential in the headers were ' +
        'sent; send one of them',
    };
  }
  const clientId = form.one('client_id');
  if (clientSecret === undefined) return byAssertion(assertion, assertionType, clientId);
  return clientId === undefined
    ? { mechanism: 'malformed', detail: 'client_secret was sent without client_id' }
    : { mechanism: 'client_secret_post', clientId, credential: clientSecret };
}

/** @see RFC 7521 §4.2 */
function byAssertion(
  credential: string | undefined,
  type: string | undefined,
  clientId: string | undefined,
): PresentedCredential {
  if (type !== JWT_BEARER_ASSERTION) {
    return {
      mechanism: 'malformed',
      detail: `client_assertion_type must be ${JWT_BEARER_ASSERTION}`,
    };
  }
  return credential === undefined
    ? { mechanism: 'malformed', detail: 'client_assertion is missing' }
    : { mechanism: 'client_assertion', clientId, credential };
}

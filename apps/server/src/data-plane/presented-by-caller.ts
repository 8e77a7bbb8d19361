import {
  type CredentialHeaders,
  type PresentedCredential,
  presentedCredential,
} from '@countersign/core';
import type { FormParameters } from './form-parameters.js';

/**
 * The credential that the caller of an OAuth endpoint presents for itself: in a header, or as
 * `client_id` and `client_secret` in the form. More than one is ambiguous.
 * @see RFC 6749 §2.3: a client MUST NOT use more than one method in a request
 */
export function presentedByCaller(
  headers: CredentialHeaders,
  form: FormParameters,
): PresentedCredential {
  const inHeaders = presentedCredential(headers);
  const clientSecret = form.one('client_secret');
  if (clientSecret === undefined) return inHeaders;
  if (inHeaders.mechanism !== 'none') {
    return {
      mechanism: 'ambiguous',
      detail: 'client_secret and a credential in the headers were both sent; send one of them',
    };
  }
  const clientId = form.one('client_id');
  return clientId === undefined
    ? { mechanism: 'malformed', detail: 'client_secret was sent without client_id' }
    : { mechanism: 'client_secret_post', clientId, credential: clientSecret };
}

import { looksLikeApiKey } from '../keys/api-key-format.js';

/** What kind of credential a text is, by its form alone: no look-up, no cryptography. */
export type RecognisedKind = 'api_key' | 'access_token' | 'unrecognised';

/**
 * Tells whose a credential is. "Not mine" ends here; "mine and bad" is what a verifier says.
 * A JWT's header is a JSON object and so begins with `{"`, which is `eyJ` in base64url; other
 * spellings of JSON (white space first) are nothing that we issue.
 */
export function recognise(credential: string, keyPrefix: string): RecognisedKind {
  if (looksLikeApiKey(credential, keyPrefix)) {
    // A refresh token is no credential: it is good at the token endpoint, and nowhere else.
    return credential.startsWith('refresh_', keyPrefix.length + 1) ? 'unrecognised' : 'api_key';
  }
  if (credential.startsWith('eyJ')) return 'access_token';
  return 'unrecognised';
}

/** What kind of credential a text is, by its form alone. */
export type RecognisedKind = 'api_key' | 'jwt' | 'unrecognised';

/**
 * Prefix, environment, and 69 characters in base62: id, secret and tag. Whether the tag is right, only the
 * service can tell. A prefix can be any of those that a service can be configured to use.
 */
const API_KEY = /^[0-9a-z]{1,8}_(?:live|test)_[0-9A-Za-z]{69}$/;

/** Tells what a credential is, so that the service is asked about nothing that it cannot know. */
export function recognise(credential: string): RecognisedKind {
  if (credential.startsWith('eyJ')) return 'jwt';
  return API_KEY.test(credential) ? 'api_key' : 'unrecognised';
}

import { VERSION_ID_LENGTH } from './api-key-format.js';

/**
 * The id of the one version that a key without a secret has. A secret's version has an id of its
 * own, to be found by what is inside the API key; here there is only the key's id to find it by.
 * These are its random characters and its tag.
 * @param keyId made by `ClientIds`
 */
export function versionIdWithoutSecret(keyId: string): string {
  return keyId.slice(-VERSION_ID_LENGTH);
}

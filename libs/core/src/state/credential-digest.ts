import { hash, randomBytes } from 'node:crypto';

/**
 * Makes the name under which a credential is remembered in this process: SHA-256 over a key of the
 * process's own and the credential. It never leaves the process, so that neither a look-up's timing
 * nor a memory dump of the map's keys helps to guess a credential.
 */
export class CredentialDigest {
  // One-shot SHA-256 costs a fraction of an HMAC object. The prefix keys it: to extend a digest one
  // would have to see one. 192 bits in ASCII: with an API key behind it, two blocks of SHA-256.
  readonly #processKey = randomBytes(24).toString('base64url');

  /** @returns 32 characters of latin1, one for each byte */
  of(credential: string): string {
    return hash('sha256', this.#processKey + credential, 'binary');
  }
}

/**
 * A JWK is not a public key that tokens may be verified with. Thrown by `importVerificationKey`;
 * the message says what is wrong and contains nothing of the key.
 */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
}

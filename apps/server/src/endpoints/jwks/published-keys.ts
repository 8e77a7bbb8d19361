/** The public keys that verify what the service signs or has signed. */
export abstract class PublishedKeys {
  /** The same object for as long as nothing has changed. @see RFC 7517 §5 */
  abstract jwks(): { readonly keys: readonly Readonly<Record<string, string>>[] };
}

/**
 * The credential that this backend itself authenticates with: an API key or a token, or a function
 * that tells it, which is called anew for each request that needs it (a `TokenSource`'s `token`, a file
 * that is rotated). It is a secret: it is sent to the service, and appears nowhere else.
 */
export type CredentialSource = string | (() => string | Promise<string>);

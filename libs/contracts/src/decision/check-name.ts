/**
 * What is checked of a verified credential at each use, the gravest first: what ends a credential
 * for good, what ends it for now, and what only this use of it fails.
 */
export const CHECK_NAMES = [
  'revocation', // of the token, or of the key that it comes from
  'expiry',
  'not_before',
  'type', // JWT `typ`
  'status', // of the key
  'principal', // its status
  'organization', // its status
  'actor', // of a delegated token: permitted by its subject, and in good standing itself
  'root_audience', // a token's audiences are still among those of its key
  'audience',
  'binding', // to a key that the sender holds
  'ip',
  'method',
  'path',
  'scopes',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

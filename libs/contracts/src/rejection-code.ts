/**
 * Why a credential was turned away. Closed: every switch over it is checked for completeness.
 * The operator's log and metrics carry the code; the outside never does (RFC 7662 §2.2).
 */
export const REJECTION_CODES = [
  'unrecognised', // not a credential of ours by its form
  'bad_tag', // our key's form, but its tag is wrong: mistyped or forged
  'malformed_token', // a JWT in form, but not the one spelling that we accept
  'unsupported_algorithm',
  'unknown_signing_key',
  'bad_signature',
  'wrong_type', // JWT `typ`
  'wrong_issuer',
  'wrong_audience',
  'malformed_claims',
  'unknown_credential', // well-formed and well-tagged, but no such key
  'wrong_secret',
  'wrong_certificate', // not one that the key is authenticated by
  'credential_disabled',
  'credential_revoked',
  'expired',
  'not_yet_valid',
  'principal_disabled',
  'organization_disabled',
  'issuer_disabled',
  'actor_not_permitted', // of a delegated token: not permitted by the subject, or not in good standing
  'unknown_identity', // a trusted issuer's token that stands for no principal here
  'replayed', // used before, and good for one use only
  'binding_unproven', // bound to a key whose possession was not proven, or the other way round
  'ip_not_allowed',
  'method_not_allowed',
  'path_not_allowed',
  'insufficient_scope', // valid, but without the scopes that this use needs
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

import { z } from 'zod';

/**
 * One RFC 6749 scope token: printable ASCII without space, `"` and `\`.
 * Matched exactly wherever scopes are compared; there are no wildcards.
 * @see RFC 6749 §3.3
 */
export const SCOPE_TOKEN_PATTERN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
export const SCOPE_TOKEN_MAX_CHARS = 128;
export const SCOPE_SET_MAX = 256;

export const scopeToken = z
  .string()
  .min(1)
  .max(SCOPE_TOKEN_MAX_CHARS)
  .regex(SCOPE_TOKEN_PATTERN, 'must be a scope token of RFC 6749 §3.3: printable ASCII, no space')
  .meta({ id: 'ScopeToken', examples: ['read:users'] });

/** A set of scope tokens as it stands in JSON: without repeats, at most 256. */
export const scopeSet = z
  .array(scopeToken)
  .max(SCOPE_SET_MAX)
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must not repeat a scope');

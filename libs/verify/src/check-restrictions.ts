import type { Restrictions } from '@countersign/contracts';
import { isIpAllowed } from './is-ip-allowed.js';
import { isPathAllowed } from './is-path-allowed.js';
import { ACCEPTED, type Accepted, type Rejection, rejected } from './rejection.js';

/** The request that a credential is used for, as far as it is known. */
export interface RequestContext {
  /** Address of the end client, IPv4 or IPv6. */
  readonly ip?: string | undefined;
  /** HTTP method, in upper case as on the wire. */
  readonly method?: string | undefined;
  /** Path as on the wire, still percent-encoded; a query is ignored. */
  readonly path?: string | undefined;
}

/**
 * Checks a credential's restrictions. Every list that is present must be satisfied; one whose
 * member of the context is absent is not. No restrictions: accepted.
 *
 * Rejects with `ip_not_allowed`, `method_not_allowed`, `path_not_allowed`.
 */
export function checkRestrictions(
  restrictions: Restrictions | undefined,
  context: RequestContext = {},
): Accepted | Rejection {
  if (restrictions === undefined) return ACCEPTED;
  const { ips, methods, paths } = restrictions;
  if (ips !== undefined && !isIpAllowed(ips, context.ip)) return rejected('ip_not_allowed');
  if (methods !== undefined && !isMethodAllowed(methods, context.method)) {
    return rejected('method_not_allowed');
  }
  if (paths !== undefined && !isPathAllowed(paths, context.path)) {
    return rejected('path_not_allowed');
  }
  return ACCEPTED;
}

/** Methods are case-sensitive. @see RFC 9110 §9.1 */
function isMethodAllowed(methods: readonly string[], method: string | undefined): boolean {
  return method !== undefined && methods.includes(method);
}

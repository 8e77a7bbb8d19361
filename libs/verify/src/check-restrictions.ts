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

/** The kinds of restrictions, in the order in which they are checked. */
export const RESTRICTION_KINDS = ['ip', 'method', 'path'] as const;
export type RestrictionKind = (typeof RESTRICTION_KINDS)[number];

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
  for (const kind of RESTRICTION_KINDS) {
    const checked = checkRestriction(kind, restrictions, context);
    if (!checked.ok) return checked;
  }
  return ACCEPTED;
}

/** Checks the restrictions of one kind. */
export function checkRestriction(
  kind: RestrictionKind,
  { ips, methods, paths }: Restrictions,
  context: RequestContext = {},
): Accepted | Rejection {
  // Only what is restricted is read from the context, which may have to work it out.
  switch (kind) {
    case 'ip':
      return ips === undefined || isIpAllowed(ips, context.ip)
        ? ACCEPTED
        : rejected('ip_not_allowed');
    case 'method':
      return methods === undefined || isMethodAllowed(methods, context.method)
        ? ACCEPTED
        : rejected('method_not_allowed');
    case 'path':
      return paths === undefined || isPathAllowed(paths, context.path)
        ? ACCEPTED
        : rejected('path_not_allowed');
  }
}

/** Methods are case-sensitive. @see RFC 9110 §9.1 */
function isMethodAllowed(methods: readonly string[], method: string | undefined): boolean {
  return method !== undefined && methods.includes(method);
}

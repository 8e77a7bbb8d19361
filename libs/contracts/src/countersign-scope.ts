/** Prefix of the scopes that govern Countersign itself. Nothing else is reserved. */
export const RESERVED_SCOPE_PREFIX = 'countersign:';

/** Holds every other `countersign:` scope. */
export const ADMIN_SCOPE = 'countersign:admin';

/** Every scope that Countersign itself defines; any other `countersign:*` is refused when granted. */
export const COUNTERSIGN_SCOPES = [
  ADMIN_SCOPE,
  'countersign:introspect',
  'countersign:introspect:any',
  'countersign:verify:explain',
  'countersign:organizations:read',
  'countersign:organizations:write',
  'countersign:principals:read',
  'countersign:principals:write',
  'countersign:keys:read',
  'countersign:keys:write',
  'countersign:roles:read',
  'countersign:roles:write',
  'countersign:resource-servers:read',
  'countersign:resource-servers:write',
  'countersign:signing-keys:read',
  'countersign:signing-keys:write',
  'countersign:audit-events:read',
  'countersign:trusted-issuers:read',
  'countersign:trusted-issuers:write',
  'countersign:federated-identities:read',
  'countersign:federated-identities:write',
  'countersign:revocations:read',
] as const;

export type CountersignScope = (typeof COUNTERSIGN_SCOPES)[number];

const known: ReadonlySet<string> = new Set(COUNTERSIGN_SCOPES);

/** Whether `scope` is reserved for Countersign and yet not one that it defines. */
export function isUnknownReservedScope(scope: string): boolean {
  return scope.startsWith(RESERVED_SCOPE_PREFIX) && !known.has(scope);
}

/**
 * Whether `scope` is reserved, or differs from one that is by the case of letters alone. Scopes are
 * compared letter by letter, so that it would give nothing here; a backend may be less careful.
 */
export function looksReserved(scope: string): boolean {
  return scope.toLowerCase().startsWith(RESERVED_SCOPE_PREFIX);
}

/** Whether these scopes satisfy `required`: held as such, or implied by `countersign:admin`. */
export function satisfiesScope(held: readonly string[], required: CountersignScope): boolean {
  return held.includes(required) || held.includes(ADMIN_SCOPE);
}

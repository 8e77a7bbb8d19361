/** Who and what exists when a schedule begins; the names are the schedule's own. */
export interface World {
  readonly organizations: readonly string[];
  readonly roles: readonly string[];
  readonly principals: readonly WorldPrincipal[];
  readonly keys: readonly WorldKey[];
  readonly tokens: readonly WorldToken[];
  readonly families: readonly WorldFamily[];
}

export interface WorldPrincipal {
  readonly name: string;
  readonly organization: string | null;
  readonly role: string | null;
}

export interface WorldKey {
  readonly name: string;
  readonly principal: string;
}

/** An access token that a key, or another token, is exchanged for. */
export interface WorldToken {
  readonly name: string;
  readonly key: string;
  /** The token that it came of; absent: the key itself. */
  readonly from?: string;
  readonly lifetime: TokenLifetime;
}

/** Refresh tokens, and the access tokens `<name>.1` and `<name>.2` that came of them. */
export interface WorldFamily {
  readonly name: string;
  readonly key: string;
}

/** `long`: longer than any schedule; `short`: a few seconds. */
export type TokenLifetime = 'long' | 'short';

/** Granted to every principal. */
export const PRINCIPAL_SCOPES: readonly string[] = ['orders:read', 'orders:write'];
/** Of every role. */
export const ROLE_SCOPES: readonly string[] = ['reports:read', 'reports:write'];

/**
 * The same world for every seed: two organizations with two principals each, four principals of none,
 * two keys for each principal, a token or two for each key, some that those were exchanged for, and
 * three families of refresh tokens.
 */
export const WORLD: World = {
  organizations: ['o1', 'o2'],
  roles: ['r1', 'r2'],
  principals: [
    { name: 'p1', organization: 'o1', role: 'r1' },
    { name: 'p2', organization: 'o1', role: null },
    { name: 'p3', organization: 'o2', role: 'r1' },
    { name: 'p4', organization: 'o2', role: 'r2' },
    { name: 'p5', organization: null, role: 'r1' },
    { name: 'p6', organization: null, role: 'r2' },
    { name: 'p7', organization: null, role: 'r2' },
    { name: 'p8', organization: null, role: null },
  ],
  keys: Array.from({ length: 16 }, (_, index) => ({
    name: `k${index + 1}`,
    principal: `p${Math.floor(index / 2) + 1}`,
  })),
  tokens: [
    ...Array.from({ length: 20 }, (_, index) => ({
      name: `t${index + 1}`,
      key: `k${(index % 16) + 1}`,
      lifetime: index % 5 === 4 ? ('short' as const) : ('long' as const),
    })),
    { name: 'x1', key: 'k1', from: 't1', lifetime: 'long' },
    { name: 'x2', key: 'k1', from: 'x1', lifetime: 'long' },
    { name: 'x3', key: 'k3', from: 't3', lifetime: 'long' },
    { name: 'x4', key: 'k4', from: 't4', lifetime: 'long' },
    { name: 'x5', key: 'k1', from: 't17', lifetime: 'long' },
  ],
  families: [
    { name: 'f1', key: 'k2' },
    { name: 'f2', key: 'k9' },
    { name: 'f3', key: 'k15' },
  ],
};

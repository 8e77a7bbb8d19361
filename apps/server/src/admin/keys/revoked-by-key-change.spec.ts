import { describe, expect, it } from '@jest/globals';
import type { KeyAuthentication } from '@countersign/contracts';
import fc from 'fast-check';
import { type KeyRights, revokedByKeyChange } from './revoked-by-key-change.js';

const NOW_MS = Date.UTC(2026, 10, 28);
const SCOPES = ['a', 'b'];
const AUDIENCES = ['https://x', 'https://y'];
const METHODS = ['GET', 'POST'];
const THUMBPRINTS = ['t1', 't2'];
const KIDS = ['k1', 'k2'];
const MOMENTS = [1, 2, 3].map((minutes) => NOW_MS + minutes * 60_000);
const NEVER = null;

/** One use that a key may be put to. */
interface Use {
  readonly scope: string;
  readonly audience: string;
  readonly method: string;
  readonly thumbprint: string;
  /** What proves who uses it: the secret, or one of its public keys. */
  readonly proof: string;
  readonly atMs: number;
}

const USES: readonly Use[] = SCOPES.flatMap((scope) =>
  AUDIENCES.flatMap((audience) =>
    METHODS.flatMap((method) =>
      THUMBPRINTS.flatMap((thumbprint) =>
        ['secret', ...KIDS].flatMap((proof) =>
          MOMENTS.map((atMs) => ({ scope, audience, method, thumbprint, proof, atMs })),
        ),
      ),
    ),
  ),
);

function allows(key: KeyRights, use: Use): boolean {
  const lets = (limit: readonly string[], one: string) => limit.length === 0 || limit.includes(one);
  return (
    key.status === 'active' &&
    (key.expiresAt === null || use.atMs < key.expiresAt.getTime()) &&
    key.scopes.includes(use.scope) &&
    lets(key.audiences, use.audience) &&
    lets(key.restrictions?.methods ?? [], use.method) &&
    lets(key.certificateThumbprints, use.thumbprint) &&
    proofsOf(key).includes(use.proof)
  );
}

function proofsOf({ authentication }: KeyRights): string[] {
  if (authentication?.method !== 'private_key_jwt') return ['secret'];
  return authentication.jwks.keys.map(({ kid }) => String(kid));
}

function byKeys(kids: readonly string[]): KeyAuthentication {
  const keys = kids.map((kid) => ({ kty: 'OKP', crv: 'Ed25519', x: kid, kid }) as const);
  return { method: 'private_key_jwt', jwks: { keys } };
}

const status: fc.Arbitrary<KeyRights['status']> = fc.constantFrom('active', 'disabled');
const rights = fc.record({
  status,
  scopes: fc.subarray(SCOPES),
  audiences: fc.subarray(AUDIENCES),
  methods: fc.subarray(METHODS),
  certificateThumbprints: fc.subarray(THUMBPRINTS),
  kids: fc.subarray(KIDS, { minLength: 1 }),
  expiresAtMs: fc.constantFrom(NEVER, ...MOMENTS),
});
type Drawn = typeof rights extends fc.Arbitrary<infer T> ? T : never;

/** With a secret, or with public keys: what a key has never changes from one to the other. */
function keyOf({ methods, kids, expiresAtMs, ...drawn }: Drawn, hasSecret: boolean): KeyRights {
  return {
    id: 'key_1',
    ...drawn,
    restrictions: methods.length === 0 ? null : { methods },
    authentication: hasSecret ? null : byKeys(kids),
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
  };
}

describe('what a change of a key revokes', () => {
  it('is an entry, in force in time, whenever something that the key was good for is lost', () => {
    fc.assert(
      fc.property(rights, rights, fc.boolean(), (first, second, hasSecret) => {
        const [before, after] = [keyOf(first, hasSecret), keyOf(second, hasSecret)];
        const revoked = revokedByKeyChange(before, after, 'org_1');
        for (const use of USES) {
          if (!allows(before, use) || allows(after, use)) continue;
          const inForce = revoked.filter(
            ({ effectiveAt }) => (effectiveAt?.getTime() ?? 0) <= use.atMs,
          );
          expect(inForce).not.toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is nothing when the key is only good for more', () => {
    const more = (all: readonly string[], some: readonly string[], added: readonly string[]) =>
      all.filter((one) => some.includes(one) || added.includes(one));
    fc.assert(
      fc.property(rights, rights, fc.boolean(), (before, added, hasSecret) => {
        const unlimited = (limit: string[], all: string[], other: string[]) =>
          limit.length === 0 || other.length === 0 ? [] : more(all, limit, other);
        const ends = [before.expiresAtMs, added.expiresAtMs];
        const after: Drawn = {
          status: before.status === 'disabled' ? 'active' : before.status,
          scopes: more(SCOPES, before.scopes, added.scopes),
          audiences: unlimited(before.audiences, AUDIENCES, added.audiences),
          methods: unlimited(before.methods, METHODS, added.methods),
          certificateThumbprints: unlimited(
            before.certificateThumbprints,
            THUMBPRINTS,
            added.certificateThumbprints,
          ),
          kids: more(KIDS, before.kids, added.kids),
          expiresAtMs: ends.includes(NEVER) ? NEVER : Math.max(...ends.map(Number)),
        };
        const [from, to] = [keyOf(before, hasSecret), keyOf(after, hasSecret)];
        expect(revokedByKeyChange(from, to, null)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  const KEY = keyOf(
    {
      status: 'active',
      scopes: SCOPES,
      audiences: [],
      methods: [],
      certificateThumbprints: [],
      kids: KIDS,
      expiresAtMs: NEVER,
    },
    true,
  );
  const revoked = { type: 'credential', id: 'key_1', organizationId: 'org_1' };

  it('is final for a key that is revoked or deleted', () => {
    expect(revokedByKeyChange(KEY, null, 'org_1')).toEqual([{ ...revoked, final: true }]);
  });

  it('is not final for one that can be taken up again', () => {
    const disabled = { ...KEY, status: 'disabled' as const };
    expect(revokedByKeyChange(KEY, disabled, 'org_1')).toEqual([{ ...revoked, final: false }]);
  });

  it('is nothing for one that was revoked before', () => {
    expect(revokedByKeyChange({ ...KEY, status: 'revoked' }, null, 'org_1')).toEqual([]);
  });

  it('holds from a new end of the key on', () => {
    const expiresAt = new Date(NOW_MS + 60_000);
    expect(revokedByKeyChange(KEY, { ...KEY, expiresAt }, 'org_1')).toEqual([
      { ...revoked, final: false, effectiveAt: expiresAt },
    ]);
  });

  it.each([
    ['another subject of its certificate', { tls_client_auth_san_dns: 'b.example.com' }],
    ['another method', undefined],
  ])('is an entry for %s', (_, subject) => {
    const authentication: KeyAuthentication = {
      method: 'tls_client_auth',
      tls_client_auth_san_dns: 'a.example.com',
    };
    const next: KeyAuthentication =
      subject === undefined ? byKeys(KIDS) : { method: 'tls_client_auth', ...subject };
    const changed = revokedByKeyChange(
      { ...KEY, authentication },
      { ...KEY, authentication: next },
      'org_1',
    );
    expect(changed).toEqual([{ ...revoked, final: false }]);
  });

  it('is an entry only when a certificate that proves the holder goes', () => {
    const by = (...thumbprints: string[]): KeyRights => ({
      ...KEY,
      authentication: { method: 'self_signed_tls_client_auth', 'x5t#S256': thumbprints },
    });
    expect(revokedByKeyChange(by('t1'), by('t1', 't2'), 'org_1')).toEqual([]);
    expect(revokedByKeyChange(by('t1', 't2'), by('t2'), 'org_1')).toHaveLength(1);
  });
});

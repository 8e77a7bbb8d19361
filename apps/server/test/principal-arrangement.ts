import type { CreateApiKey, CreatePrincipal, Metadata } from '@countersign/contracts';
import fc from 'fast-check';

export const AUDIENCE = 'https://api.example.com';
/** Whatever RFC 6749 allows, and not only what looks like a scope. */
export const SCOPES = [
  'read:users',
  'write:users',
  'a',
  'B',
  '~',
  '*',
  'x'.repeat(128),
  '!#$%&[]^',
];
export const ROLES: Readonly<Record<string, string[]>> = {
  exporter: ['read:users', '~'],
  'R.2_a-b:c': ['B', '*'],
  zero: [],
};

/** A principal, a key of it, and where that is used. */
export interface Arrangement {
  readonly principal: CreatePrincipal;
  readonly key: CreateApiKey;
  readonly forResourceServer: boolean;
}

const label = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text));
const metadata = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }),
    { maxKeys: 4, noNullPrototype: true },
  )
  .filter(isStorable)
  // As JSON has it: there, -0 is 0.
  .map((value) => JSON.parse(JSON.stringify(value)) as Metadata);

/** @param organization of those that are of one */
export function arrangementsIn(organization: () => string): fc.Arbitrary<Arrangement> {
  return fc.record({
    principal: fc.record({
      type: fc.constantFrom('user' as const, 'service' as const),
      name: label,
      organization_id: fc.boolean().map((member) => (member ? organization() : null)),
      external_id: fc.option(fc.uuid()),
      scopes: fc.subarray(SCOPES),
      roles: fc.subarray(Object.keys(ROLES)),
      actor_ids: fc.constant<string[]>([]),
      metadata,
    }),
    key: fc.record({
      name: label,
      scopes: fc.subarray(SCOPES),
      environment: fc.constantFrom('live' as const, 'test' as const),
      expires_at: fc.constantFrom(null, '2099-01-01T00:00:00.000Z'),
      metadata,
      audiences: fc.constantFrom<string[]>([], [AUDIENCE]),
    }),
    forResourceServer: fc.boolean(),
  });
}

/** What both principal and key bear may be more than a token holds; that is refused elsewhere. */
function isStorable(value: object): boolean {
  const text = JSON.stringify(value);
  const plain = !text.includes('__proto__') && !/\\u0000|\\ud[89a-f]/i.test(text);
  return plain && Buffer.byteLength(text) <= 500;
}

/** What a key comes to: of its scopes, those that its principal is granted, roles included. */
export function effectiveScopes(principal: CreatePrincipal, key: CreateApiKey): string[] {
  const granted = [...principal.scopes, ...principal.roles.flatMap((role) => ROLES[role] ?? [])];
  return [...new Set(key.scopes)].filter((scope) => granted.includes(scope)).sort();
}

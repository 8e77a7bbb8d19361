import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jwtVerify } from 'jose';
import { AUDIENCE, createSigner, ISSUER, NOW, type Signer, validClaims } from '../test/signer.js';
import { checkToken } from './check-token.js';
import { verifySignature } from './verify-signature.js';

const signers = (['RS256', 'ES256', 'Ed25519'] as const).map((alg) => createSigner(alg));

function isAccepted({ keys }: Signer, token: string): boolean {
  const verified = verifySignature(token, keys, ISSUER);
  if (!verified.ok) return false;
  const nowSeconds = NOW;
  const audience = [AUDIENCE];
  return checkToken(verified, { types: ['at+jwt'], audience, nowSeconds, clockToleranceSeconds: 0 })
    .ok;
}

async function isAcceptedByJose({ publicKey, alg }: Signer, token: string): Promise<boolean> {
  const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: [alg] };
  return jwtVerify(token, publicKey, { ...options, currentDate: new Date(NOW * 1000) }).then(
    () => true,
    () => false,
  );
}

/** Claims of which some make a token that is not accepted. */
const claims = fc
  .record(
    {
      aud: fc.constantFrom(AUDIENCE, [AUDIENCE], ['https://other.example', AUDIENCE], ISSUER, []),
      exp: fc.integer({ min: NOW - 2, max: NOW + 300 }),
      nbf: fc.integer({ min: NOW - 300, max: NOW + 1 }),
      iat: fc.integer({ min: NOW - 300, max: NOW + 1 }),
      iss: fc.constantFrom(ISSUER, ISSUER, ISSUER, `${ISSUER}/`),
      scope: fc.string({ maxLength: 60 }),
      name: fc.string({ unit: 'binary', maxLength: 200 }),
      roles: fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }),
      meta: fc.dictionary(fc.string({ minLength: 1, maxLength: 9 }), fc.jsonValue({ maxDepth: 1 })),
    },
    { requiredKeys: [] },
  )
  .map(validClaims);

const character = fc.oneof(
  fc.constantFrom(...'ABCDwxyz0189-_.'),
  fc.constantFrom('=', '+', '/', ' ', '\n', '\r', '\t', '\0', '%', 'ń', '\u2028', '\u{feff}'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const mutation = fc.record({
  kind: fc.constantFrom('insert', 'delete', 'replace', 'swap case', 'next character'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  character,
});

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(token: string, { kind, at, character: inserted }: Mutation): string {
  const index = Math.floor(at * token.length);
  const [before, here, after] = [
    token.slice(0, index),
    token.charAt(index),
    token.slice(index + 1),
  ];
  switch (kind) {
    case 'insert':
      return before + inserted + here + after;
    case 'delete':
      return before + after;
    case 'replace':
      return before + inserted + after;
    case 'swap case':
      return (
        before + (here === here.toLowerCase() ? here.toUpperCase() : here.toLowerCase()) + after
      );
    default:
      return before + String.fromCharCode(here.charCodeAt(0) + 1) + after;
  }
}

describe.each(signers)('verifySignature and checkToken, $alg', (signer) => {
  it('accept no token that jose does not accept, and every good one', async () => {
    await fc.assert(
      fc.asyncProperty(claims, async (some) => {
        const token = signer.sign(some);
        if (isAccepted(signer, token)) expect(await isAcceptedByJose(signer, token)).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(isAccepted(signer, signer.sign(validClaims()))).toBe(true);
  });

  it('accept the one spelling that was signed and nothing one character away from it', async () => {
    await fc.assert(
      fc.asyncProperty(claims, fc.array(mutation, { maxLength: 10 }), async (some, mutations) => {
        const token = signer.sign(some);
        const accepted = isAccepted(signer, token);
        for (const respelt of mutations.map((change) => mutate(token, change))) {
          expect(isAccepted(signer, respelt)).toBe(accepted && respelt === token);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('accept nothing one character away, at every place of one token', () => {
    const token = signer.sign(validClaims());
    const alphabet = 'AQgwZaz059-_.=+/ \n';
    const accepted: string[] = [];
    for (let at = 0; at <= token.length; at++) {
      const [before, here, after] = [token.slice(0, at), token.charAt(at), token.slice(at + 1)];
      for (const other of alphabet) {
        if (isAccepted(signer, before + other + here + after)) accepted.push(`+${other} at ${at}`);
        if (other !== here && isAccepted(signer, before + other + after))
          accepted.push(`${other} at ${at}`);
      }
      if (at < token.length && isAccepted(signer, before + after)) accepted.push(`- at ${at}`);
    }
    expect(accepted).toEqual([]);
  });
});

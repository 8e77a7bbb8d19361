import {
  FEDERATED_ALGORITHMS,
  type RejectionCode,
  SIGNING_ALGORITHMS,
} from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { compactVerify, flattenedVerify, generalVerify, type JWK } from 'jose';
import { RFC7515_COMPACT, RFC7515_JSON, RFC7515_KEYS } from '../../../test/rfc7515-vectors.js';
import { isAcceptedAsOurs, isAcceptedOfIssuer } from '../test/judge-jws.js';
import { keySetFromJwks } from './key-set.js';
import { parseCompactJws } from './parse-compact-jws.js';
import { rejected } from './rejection.js';
import { verifySignature } from './verify-signature.js';

const { A1, A2, A3, A4, A5 } = RFC7515_COMPACT;
const { A6, A7 } = RFC7515_JSON;
const KEYS = RFC7515_KEYS;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

interface Example {
  readonly title: string;
  readonly jws: unknown;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly asOurs: boolean;
  readonly ofIssuer: boolean;
}

const EXAMPLES: readonly Example[] = [
  { title: 'A.1, HS256', jws: A1, jwk: KEYS.A1, asOurs: false, ofIssuer: false },
  { title: 'A.2, RS256', jws: A2, jwk: KEYS.A2, asOurs: true, ofIssuer: true },
  { title: 'A.3, ES256', jws: A3, jwk: KEYS.A3, asOurs: true, ofIssuer: true },
  { title: 'A.4, ES512', jws: A4, jwk: KEYS.A4, asOurs: false, ofIssuer: true },
  { title: 'A.5, unsecured', jws: A5, jwk: KEYS.A2, asOurs: false, ofIssuer: false },
  { title: 'A.6, general JSON', jws: A6, jwk: KEYS.A2, asOurs: false, ofIssuer: false },
  {
    title: 'A.6, general JSON as text',
    jws: JSON.stringify(A6),
    jwk: KEYS.A2,
    asOurs: false,
    ofIssuer: false,
  },
  { title: 'A.7, flattened JSON', jws: A7, jwk: KEYS.A3, asOurs: false, ofIssuer: false },
  {
    title: 'A.7, flattened JSON as text',
    jws: JSON.stringify(A7),
    jwk: KEYS.A3,
    asOurs: false,
    ofIssuer: false,
  },
];
const ACCEPTED = EXAMPLES.filter(({ ofIssuer }) => ofIssuer);

describe('the examples of RFC 7515, appendix A', () => {
  it('are written down here as they were signed: somebody else verifies each', async () => {
    for (const [jws, jwk] of [
      [A1, KEYS.A1],
      [A2, KEYS.A2],
      [A3, KEYS.A3],
      [A4, KEYS.A4],
    ] as const) {
      const [, payload] = jws.split('.');
      const verified = await compactVerify(jws, withAlg(jws, jwk));
      expect(Buffer.from(verified.payload).toString('base64url')).toBe(payload);
    }
    // Of the general serialization one signature that holds is enough for jose: one at a time.
    for (const [index, jwk] of [withAlg(A2, KEYS.A2), withAlg(A3, KEYS.A3)].entries()) {
      const signatures = [A6.signatures[index]].flatMap((one) => (one ? [{ ...one }] : []));
      await generalVerify({ ...A6, signatures }, jwk);
    }
    await flattenedVerify({ ...A7 }, withAlg(A3, KEYS.A3));
  });

  it.each(EXAMPLES)(
    '$title: accepted as ours $asOurs, of another issuer $ofIssuer',
    async (one) => {
      expect(isAcceptedAsOurs(one)).toBe(one.asOurs);
      expect(await isAcceptedOfIssuer(one)).toBe(one.ofIssuer);
    },
  );

  it.each(ACCEPTED)(
    '$title: refused with any one character of its signature changed',
    async (one) => {
      const jws = String(one.jws);
      for (let at = jws.lastIndexOf('.') + 1; at < jws.length; at += 1) {
        const changed = {
          ...one,
          jws: `${jws.slice(0, at)}${another(jws[at])}${jws.slice(at + 1)}`,
        };
        expect([at, isAcceptedAsOurs(changed)]).toEqual([at, false]);
        expect([at, await isAcceptedOfIssuer(changed)]).toEqual([at, false]);
      }
    },
  );

  it.each(ACCEPTED)('$title: refused under the key of another example', async ({ jws, jwk }) => {
    for (const other of Object.values(KEYS).filter((key) => key !== jwk)) {
      expect(isAcceptedAsOurs({ jws, jwk: other })).toBe(false);
      expect(await isAcceptedOfIssuer({ jws, jwk: other })).toBe(false);
    }
  });

  it.each<[string, string, RejectionCode]>([
    ['A.1 (RFC 7519 §3.1)', A1, 'unsupported_algorithm'],
    // Signed by keys of the set, which no `kid` names.
    ['A.2', A2, 'unknown_signing_key'],
    ['A.3', A3, 'unknown_signing_key'],
    ['A.4', A4, 'unsupported_algorithm'],
    // An empty signature is told before the algorithm is read.
    ['A.5 (RFC 7519 §6.1)', A5, 'malformed_token'],
    ['A.6', JSON.stringify(A6), 'malformed_token'],
    ['A.7', JSON.stringify(A7), 'malformed_token'],
  ])('%s: is no access token, though its issuer be ours', (_title, jws, code) => {
    const keys = keySetFromJwks({
      keys: [withAlg(A2, KEYS.A2), withAlg(A3, KEYS.A3)].map((jwk, at) => ({
        ...jwk,
        kid: `${at}`,
      })),
    });
    expect(verifySignature(jws, keys, 'joe')).toBe(rejected(code));
  });

  it('RFC 8725 §3.2: A.5 is refused by the parser also where a signature is put behind it', () => {
    for (const algorithms of [SIGNING_ALGORITHMS, FEDERATED_ALGORITHMS]) {
      const jws = parseCompactJws<string>(`${A5}AAAA`, algorithms);
      expect(jws).toBe(rejected('unsupported_algorithm'));
    }
  });
});

function withAlg(jws: string, jwk: JWK): JWK {
  const header = Buffer.from(jws.split('.', 1)[0] ?? '', 'base64url').toString();
  return { ...jwk, alg: (JSON.parse(header) as { alg: string }).alg };
}

/** Another character of the alphabet, which differs in the first of its six bits. */
function another(character = 'A'): string {
  return ALPHABET[ALPHABET.indexOf(character) ^ 32] ?? '';
}

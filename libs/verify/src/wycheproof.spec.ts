import { FEDERATED_ALGORITHMS } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { isAcceptedAsOurs, isAcceptedOfIssuer } from '../test/judge-jws.js';
import { type WycheproofVector, wycheproofVectors } from '../test/wycheproof-vectors.js';
import { parseCompactJws } from './parse-compact-jws.js';

const ALL = (['signature', 'key', 'crypto'] as const).flatMap((name) => wycheproofVectors(name));
const VALID = ALL.filter(({ isValid }) => isValid);
const INVALID = ALL.filter(({ isValid }) => !isValid);
const idsOf = (vectors: readonly WycheproofVector[]) => vectors.map(({ id }) => id);

const isEncrypted = ({ jws }: WycheproofVector) => jws === undefined;
const isSymmetric = ({ jws, jwk }: WycheproofVector) =>
  jwk?.['kty'] === 'oct' || /"alg": ?"HS/.test(headerText(jws));
const hasNoPayload = ({ jws }: WycheproofVector) => String(jws).split('.')[1] === '';
/** Figures of RFC 7520 whose JWK was given an `alg` that is not that of the signature, or is none. */
const namesAnotherAlgorithm = ({ comment, jwk }: WycheproofVector) =>
  (comment === 'Figure20' && jwk?.['alg'] === 'PS256') ||
  (comment === 'Figure27' && jwk?.['alg'] === 'ES521');

function headerText(jws: unknown): string {
  return Buffer.from(String(jws).split('.', 1)[0] ?? '', 'base64url').toString();
}

describe('Wycheproof’s JSON Web Signature vectors', () => {
  it('are all here', () => {
    expect([VALID.length, INVALID.length]).toEqual([57, 453]);
  });

  it('that are not valid are all turned away, of another issuer', async () => {
    const accepted = await filterAsync(INVALID, isAcceptedOfIssuer);
    expect(idsOf(accepted)).toEqual([]);
  });

  it('that are not valid are all turned away as ours, but for a key that we did not make', () => {
    // Its key can be factored; ours come from OpenSSL, and nobody else's are in our set.
    const ofOneKey = INVALID.filter(({ jwk }) => jwk !== undefined);
    expect(idsOf(ofOneKey.filter(isAcceptedAsOurs))).toEqual(['crypto 46']);
  });

  it('that are valid are accepted of another issuer: RSA of both kinds, and ECDSA', async () => {
    const ours = VALID.filter(
      (vector) =>
        !isEncrypted(vector) &&
        !isSymmetric(vector) &&
        !hasNoPayload(vector) &&
        !namesAnotherAlgorithm(vector),
    );
    expect(ours.length).toBe(29);
    const refused = await filterAsync(ours, async (one) => !(await isAcceptedOfIssuer(one)));
    expect(idsOf(refused)).toEqual([]);
    const rs256OrEs256 = ours.filter(
      ({ jws, jwk }) => jwk !== undefined && /"alg": ?"(RS|ES)256"/.test(headerText(jws)),
    );
    expect(rs256OrEs256.length).toBe(11);
    expect(idsOf(rs256OrEs256.filter((one) => !isAcceptedAsOurs(one)))).toEqual([]);
  });

  it('RFC 7517 §4.4: of a key that names another algorithm are refused, and accepted without that name', async () => {
    const figures = VALID.filter(namesAnotherAlgorithm);
    expect(figures.length).toBe(4);
    for (const figure of figures) {
      expect(await isAcceptedOfIssuer(figure)).toBe(false);
      const renamed = { ...figure, jwk: { ...figure.jwk, alg: undefined } };
      expect([figure.id, await isAcceptedOfIssuer(renamed)]).toEqual([figure.id, true]);
    }
  });

  it('RFC 8725 §3.1: of symmetric algorithms are never accepted, valid or not', async () => {
    const symmetric = ALL.filter(isSymmetric);
    expect(symmetric.length).toBeGreaterThan(50);
    expect(await filterAsync(symmetric, isAcceptedOfIssuer)).toEqual([]);
    expect(symmetric.filter(isAcceptedAsOurs)).toEqual([]);
  });

  it('are no tokens: the parser wants claims in a payload', () => {
    for (const { jws } of ALL) {
      expect(parseCompactJws(jws as string, FEDERATED_ALGORITHMS).ok).toBe(false);
    }
  });
});

async function filterAsync<T>(list: readonly T[], test: (one: T) => Promise<boolean>) {
  const kept = await Promise.all(list.map(test));
  return list.filter((_, index) => kept[index]);
}

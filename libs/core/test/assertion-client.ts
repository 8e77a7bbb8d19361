import { randomBytes } from 'node:crypto';
import type { PrivateKeyJwt } from '@countersign/contracts';
import { publicJwk } from '@countersign/contracts';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ClientIds } from '../src/keys/client-ids.js';
import { ISSUER, KEY_ID, NOW_SECONDS } from './key-state.js';

export const clientIds = new ClientIds([randomBytes(32)]);
/** Of the key without a secret that the assertions are for. */
export const CLIENT_ID = clientIds.mint(KEY_ID);

/** A client with a key pair of its own. */
export interface AssertionClient {
  readonly authentication: PrivateKeyJwt;
  readonly privateKey: CryptoKey;
  /** An assertion; members of `claims` and `header` replace or (undefined) remove ours. */
  assert(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
}

let assertions = 0;

export async function createAssertionClient(alg = 'ES256', kid?: string): Promise<AssertionClient> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const bare = { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }), alg };
  return {
    authentication: { method: 'private_key_jwt', jwks: { keys: [publicJwk.parse(bare)] } },
    privateKey,
    assert(claims = {}, header = {}) {
      assertions += 1;
      const payload = {
        iss: CLIENT_ID,
        sub: CLIENT_ID,
        aud: ISSUER,
        iat: NOW_SECONDS,
        exp: NOW_SECONDS + 60,
        jti: `assertion-${assertions}`,
        ...claims,
      };
      return new SignJWT(withoutUndefined(payload))
        .setProtectedHeader({ ...withoutUndefined({ kid, ...header }), alg })
        .sign(privateKey);
    },
  };
}

function withoutUndefined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(members)) as Record<string, unknown>;
}

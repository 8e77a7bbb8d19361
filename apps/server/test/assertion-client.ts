import { randomUUID } from 'node:crypto';
import { JWT_BEARER_ASSERTION, publicJwk } from '@countersign/contracts';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AdminClient, NewKey } from './admin-client.js';

type Members = Readonly<Record<string, unknown>>;

/** The holder of a key without a secret, with the private half of its key pair. */
export interface AssertionClient {
  readonly key: NewKey;
  readonly privateKey: CryptoKey;
  assertion(claims?: Members, header?: Members): Promise<string>;
  /** The form parameters of a fresh assertion. */
  form(claims?: Members): Promise<Record<string, string>>;
}

/** A key pair, its public half as it is registered. */
export async function clientKeyPair(alg = 'ES256', kid?: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const bare = { ...(await exportJWK(publicKey)), alg, ...(kid !== undefined && { kid }) };
  return { publicKey, privateKey, jwk: publicJwk.parse(bare) };
}

export async function newAssertionClient(
  admin: AdminClient,
  issuer: string,
  scopes: string[] = [],
  more: Parameters<AdminClient['newKey']>[1] = {},
  alg = 'ES256',
): Promise<AssertionClient> {
  const { privateKey, jwk } = await clientKeyPair(alg);
  const authentication = { method: 'private_key_jwt' as const, jwks: { keys: [jwk] } };
  const key = await admin.newKey(scopes, { ...more, key: { authentication, ...more.key } });
  const assertion = (claims: Members = {}, header: Members = {}) =>
    new SignJWT({ iss: key.id, sub: key.id, aud: issuer, jti: randomUUID(), ...claims })
      .setProtectedHeader({ ...header, alg })
      .setIssuedAt()
      .setExpirationTime((claims['exp'] as number | undefined) ?? '1m')
      .sign(privateKey);
  return {
    key,
    privateKey,
    assertion,
    form: async (claims) => ({
      client_assertion_type: JWT_BEARER_ASSERTION,
      client_assertion: await assertion(claims),
    }),
  };
}

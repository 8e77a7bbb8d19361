import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publicJwk } from '@countersign/contracts';
import { exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { NewKey } from './admin-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const AUDIENCE = 'https://orders.example.com';
const SCOPES = ['orders:read', 'countersign:introspect', 'countersign:introspect:any'];
const ALGORITHMS = ['ES256', 'PS256', 'Ed25519'];

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest();
  await service.admin.createResourceServer(AUDIENCE, { scopes: ['orders:read'] });
});

afterAll(() => service.stop());

/** A key without a secret, for a key pair as the client library made it. */
async function registeredClient(
  alg: string,
): Promise<{ key: NewKey; privateKey: oauth.CryptoKey }> {
  const { publicKey, privateKey } = await oauth.generateKeyPair(alg, { extractable: true });
  const jwk = publicJwk.parse({ ...(await exportJWK(publicKey)), alg });
  const authentication = { method: 'private_key_jwt' as const, jwks: { keys: [jwk] } };
  return { key: await service.admin.newKey(SCOPES, { key: { authentication } }), privateKey };
}

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(service.url);
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  it.each(ALGORITHMS)(
    'with PrivateKeyJwt of %s gets a token, introspects it and revokes it',
    async (alg) => {
      const server = await discover();
      const { key, privateKey } = await registeredClient(alg);
      const asClient = [{ client_id: key.id }, oauth.PrivateKeyJwt(privateKey)] as const;
      const parameters = { scope: 'orders:read', resource: AUDIENCE };
      const token = await oauth.processClientCredentialsResponse(
        server,
        asClient[0],
        await oauth.clientCredentialsGrantRequest(server, ...asClient, parameters, insecure),
      );
      expect(token).toMatchObject({ token_type: 'bearer', scope: 'orders:read' });
      const introspect = async () =>
        oauth.processIntrospectionResponse(
          server,
          asClient[0],
          await oauth.introspectionRequest(server, ...asClient, token.access_token, insecure),
        );
      expect(await introspect()).toMatchObject({ active: true, client_id: key.id, aud: AUDIENCE });
      const revocation = [...asClient, token.access_token, insecure] as const;
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, ...revocation));
      expect(await introspect()).toEqual({ active: false });
    },
  );

  it('with PrivateKeyJwt of another key is told in its own terms that it is not the client', async () => {
    const server = await discover();
    const [{ key }, { privateKey }] = [
      await registeredClient('ES256'),
      await registeredClient('ES256'),
    ];
    const client: oauth.Client = { client_id: key.id };
    const impostor = oauth.PrivateKeyJwt(privateKey);
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      impostor,
      {},
      insecure,
    );
    await expect(oauth.processClientCredentialsResponse(server, client, response)).rejects.toThrow(
      oauth.WWWAuthenticateChallengeError,
    );
  });

  it.each(ALGORITHMS)(
    'with DPoP of %s follows the nonce, gets a bound token and uses it',
    async (alg) => {
      const server = await discover();
      const { key, privateKey } = await registeredClient('ES256');
      const client: oauth.Client = { client_id: key.id };
      const keyPair = await oauth.generateKeyPair(alg, { extractable: true });
      const dpop = oauth.DPoP(client, keyPair);
      const request = async () =>
        oauth.processClientCredentialsResponse(
          server,
          client,
          await oauth.clientCredentialsGrantRequest(
            server,
            client,
            oauth.PrivateKeyJwt(privateKey),
            {},
            { ...insecure, DPoP: dpop },
          ),
        );
      const error: unknown = await request().catch((failure: unknown) => failure);
      expect(oauth.isDPoPNonceError(error)).toBe(true);
      const token = await request();
      expect(token.token_type).toBe('dpop');
      const jkt = await dpop.calculateThumbprint();
      expect(claimsOf(token.access_token)).toMatchObject({ cnf: { jkt } });

      const use = (handle: oauth.DPoPHandle) =>
        oauth.protectedResourceRequest(
          token.access_token,
          'GET',
          new URL(`${service.url}/whoami`),
          undefined,
          undefined,
          { ...insecure, DPoP: handle },
        );
      const shown = await use(dpop);
      expect(await shown.json()).toMatchObject({ subject: key.principal_id });

      const fresh = oauth.DPoP(client, keyPair);
      const nonceError: unknown = await use(fresh).catch((failure: unknown) => failure);
      expect(oauth.isDPoPNonceError(nonceError)).toBe(true);
      expect((await use(fresh)).status).toBe(200);
      const thief = oauth.DPoP(client, await oauth.generateKeyPair(alg, { extractable: true }));
      await use(thief).catch(() => undefined);
      await expect(use(thief)).rejects.toThrow(oauth.WWWAuthenticateChallengeError);
    },
  );

  it('validates a bound token as a resource server does (RFC 9449 §7)', async () => {
    const server = await discover();
    const key = await service.admin.newKey(SCOPES);
    const client: oauth.Client = { client_id: key.id };
    const dpop = oauth.DPoP(client, await oauth.generateKeyPair('ES256', { extractable: true }));
    const request = () =>
      oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.ClientSecretPost(key.key),
        { resource: AUDIENCE },
        { ...insecure, DPoP: dpop },
      );
    await oauth.processClientCredentialsResponse(server, client, await request()).catch(() => {});
    const token = await oauth.processClientCredentialsResponse(server, client, await request());
    let seen: Request | undefined;
    await oauth.protectedResourceRequest(
      token.access_token,
      'GET',
      new URL(`${AUDIENCE}/orders`),
      undefined,
      undefined,
      {
        DPoP: dpop,
        [oauth.customFetch]: async (url: string, init: object) => {
          seen = new Request(url, init);
          return new Response();
        },
      },
    );
    if (seen === undefined) throw new Error('no request was made');
    const claims = await oauth.validateJwtAccessToken(server, seen, AUDIENCE, {
      ...insecure,
      requireDPoP: true,
    });
    expect(claims).toMatchObject({ sub: key.principal_id, client_id: key.id });
  });
});

describe('openid-client', () => {
  it.each(ALGORITHMS)(
    'with PrivateKeyJwt and DPoP of %s gets a bound token and uses it, nonces and all',
    async (alg) => {
      const { key, privateKey } = await registeredClient(alg);
      const configuration = await openid.discovery(
        new URL(service.url),
        key.id,
        undefined,
        openid.PrivateKeyJwt(privateKey),
        { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
      );
      const keyPair = await openid.randomDPoPKeyPair(alg);
      const handle = openid.getDPoPHandle(configuration, keyPair);
      const token = await openid.clientCredentialsGrant(configuration, {}, { DPoP: handle });
      expect(token.token_type).toBe('dpop');
      const whoami = new URL(`${service.url}/whoami`);
      const request = [whoami, 'GET', undefined, undefined] as const;
      const use = (DPoP: openid.DPoPHandle) =>
        openid.fetchProtectedResource(configuration, token.access_token, ...request, { DPoP });
      expect(await (await use(handle)).json()).toMatchObject({ subject: key.principal_id });
      const fresh = openid.getDPoPHandle(configuration, keyPair);
      expect((await use(fresh)).status).toBe(200);
      expect(await openid.tokenIntrospection(configuration, token.access_token)).toMatchObject({
        active: true,
        cnf: { jkt: await handle.calculateThumbprint() },
      });
      await openid.tokenRevocation(configuration, token.access_token);
      const after = await openid.tokenIntrospection(configuration, token.access_token);
      expect(after).toEqual({ active: false });
    },
  );
});

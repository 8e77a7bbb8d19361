import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { Passport } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { NewKey } from './admin-client.js';
import { asApiKey, asBearer, HttpClient } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const AUDIENCE = 'https://orders.example.com';
const SCOPES = ['orders:read', 'orders:write'];

let service: ServiceUnderTest;
let client: NewKey;
let gatekeeper: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest();
  await service.admin.createResourceServer(AUDIENCE, { scopes: SCOPES });
  client = await service.admin.newKey(SCOPES);
  gatekeeper = await service.admin.newKey(['countersign:introspect', 'countersign:introspect:any']);
});

afterAll(() => service.stop());

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(service.url);
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  describe.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ] as const)('with %s', (_, authentication) => {
    it('discovers the service, gets a token, introspects it and revokes it', async () => {
      const server = await discover();
      const asClient = [{ client_id: client.id }, authentication(client.key)] as const;
      const parameters = { scope: 'orders:read', resource: AUDIENCE };
      const token = await oauth.processClientCredentialsResponse(
        server,
        asClient[0],
        await oauth.clientCredentialsGrantRequest(server, ...asClient, parameters, insecure),
      );
      expect(token).toMatchObject({ token_type: 'bearer', scope: 'orders:read', expires_in: 300 });

      const gate = [{ client_id: gatekeeper.id }, authentication(gatekeeper.key)] as const;
      const introspect = async () =>
        oauth.processIntrospectionResponse(
          server,
          gate[0],
          await oauth.introspectionRequest(server, ...gate, token.access_token, insecure),
        );
      expect(await introspect()).toMatchObject({
        active: true,
        client_id: client.id,
        sub: client.principal_id,
        aud: AUDIENCE,
        scope: 'orders:read',
      });

      const revoked = await oauth.revocationRequest(
        server,
        ...asClient,
        token.access_token,
        insecure,
      );
      await oauth.processRevocationResponse(revoked);
      expect(await introspect()).toEqual({ active: false });
    });

    it('is told in its own terms that the secret is wrong', async () => {
      const server = await discover();
      const wrong = authentication(gatekeeper.key);
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        { client_id: client.id },
        wrong,
        {},
        insecure,
      );
      await expect(
        oauth.processClientCredentialsResponse(server, { client_id: client.id }, response),
      ).rejects.toThrow(oauth.WWWAuthenticateChallengeError);
    });
  });

  it('validates the token as RFC 9068 has it', async () => {
    const token = await service.tokenFor(client.key, { resource: AUDIENCE });
    const request = new Request('https://orders.example.com/orders', { headers: asBearer(token) });
    const claims = await oauth.validateJwtAccessToken(
      await discover(),
      request,
      AUDIENCE,
      insecure,
    );
    expect(claims).toMatchObject({ sub: client.principal_id, client_id: client.id });
  });
});

describe('openid-client', () => {
  it.each([
    ['client_secret_basic', openid.ClientSecretBasic],
    ['client_secret_post', openid.ClientSecretPost],
  ] as const)(
    'discovers the service, gets a token, introspects it and revokes it, with %s',
    async (_, authentication) => {
      const configure = (key: NewKey) =>
        openid.discovery(new URL(service.url), key.id, undefined, authentication(key.key), {
          algorithm: 'oauth2',
          execute: [openid.allowInsecureRequests],
        });
      const [asClient, asGate] = [await configure(client), await configure(gatekeeper)];
      const parameters = { scope: 'orders:read', resource: AUDIENCE };
      const token = await openid.clientCredentialsGrant(asClient, parameters);
      expect(token.expiresIn()).toBeGreaterThan(290);
      const before = await openid.tokenIntrospection(asGate, token.access_token);
      expect(before).toMatchObject({ active: true, sub: client.principal_id });
      await openid.tokenRevocation(asClient, token.access_token);
      const after = await openid.tokenIntrospection(asGate, token.access_token);
      expect(after).toEqual({ active: false });
    },
  );
});

describe('a stock JWT verifier', () => {
  let backend: Server | undefined;

  afterEach(async () => {
    await new Promise((resolve) => (backend ? backend.close(resolve) : resolve(undefined)));
    backend = undefined;
  });

  /** A backend whose one route is behind `guard`. */
  async function behind(guard: RequestHandler): Promise<HttpClient> {
    const app = express();
    app.get('/', guard, (request, response) => {
      response.json(request.auth?.payload ?? request.user);
    });
    backend = await new Promise<Server>((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve(server));
    });
    return new HttpClient(`http://127.0.0.1:${(backend.address() as AddressInfo).port}`);
  }

  async function expectGuarded(backendClient: HttpClient): Promise<void> {
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    const accepted = await backendClient.get('/', asBearer(token));
    expect([accepted.status, accepted.json.sub]).toEqual([200, client.principal_id]);
    const elsewhere = await service.tokenFor(client.key);
    expect((await backendClient.get('/', asBearer(elsewhere))).status).toBe(401);
    expect((await backendClient.get('/', asBearer(`${token.slice(0, -4)}AAAA`))).status).toBe(401);
    expect((await backendClient.get('/')).status).toBe(401);
    expect((await backendClient.get('/', asApiKey(client.key))).status).toBe(401);
  }

  it('of jose accepts the token', async () => {
    const jwks = createRemoteJWKSet(new URL(`${service.url}/.well-known/jwks.json`));
    const token = await service.tokenFor(client.key, { audience: AUDIENCE });
    const { payload, protectedHeader } = await jwtVerify(token, jwks, {
      issuer: service.url,
      audience: AUDIENCE,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ sub: client.principal_id, scope: SCOPES.join(' ') });
  });

  it('of express-oauth2-jwt-bearer lets it in, by discovery and strictly, and no other', async () => {
    const guard = auth({ issuerBaseURL: service.url, audience: AUDIENCE, strict: true });
    await expectGuarded(await behind(guard));
  });

  it('of passport-jwt with jwks-rsa lets it in, and no other', async () => {
    // Not above: Jest cannot require jose, as it does, while it still imports it for this file.
    const { passportJwtSecret } = await import('jwks-rsa');
    const passport = new Passport();
    const strategy = new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: passportJwtSecret({
          jwksUri: `${service.url}/.well-known/jwks.json`,
          cache: true,
        }),
        issuer: service.url,
        audience: AUDIENCE,
        algorithms: ['RS256'],
      },
      (payload, done) => done(null, payload),
    );
    passport.use('jwt', strategy);
    await expectGuarded(
      await behind(passport.authenticate('jwt', { session: false }) as RequestHandler),
    );
  });
});

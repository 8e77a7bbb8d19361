import { createLocalVerifier } from '@countersign/verify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from './admin-client.js';
import { asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const BROKER = 'https://broker.example.com';
const OLD = 'https://old.example.com';
/** As RabbitMQ names what may be done to which queues. */
const SCOPES = [
  'rabbitmq.configure:%2F/*',
  'rabbitmq.read:*/*',
  'rabbitmq.tag:administrator',
  'rabbitmq.write:*/events-*/order.#',
];

let service: ServiceUnderTest;
let consumer: NewKey;

beforeAll(async () => {
  service = await startServiceUnderTest();
  consumer = await service.admin.newKey(['countersign:introspect']);
  const principalIds = [consumer.principal_id];
  await service.admin.createResourceServer(BROKER, { scopes: SCOPES, principal_ids: principalIds });
  await service.admin.createResourceServer(OLD, { scopes: ['read'], token_typ: 'JWT' });
});

afterAll(() => service.stop());

/** By the id and the secret of a client alone, which is all that servers of mail and messages have. */
async function introspected(token: string) {
  const { status, json } = await service.http.form(
    '/introspect',
    { token },
    asBasic(consumer.id, consumer.key),
  );
  expect(status).toBe(200);
  return json;
}

describe('a consumer that takes the name of a user from an introspection (RFC 7662 §2.2)', () => {
  it.each([
    ['the external id', 'mail@example.com', 'mail@example.com'],
    ['the name, where there is no external id', undefined, 'Ünïcode 🗝'],
  ])(
    'finds in username %s, for a key and for a JWT, and in sub the id',
    async (_, id, username) => {
      const { key, principal_id } = await service.admin.newKey(['read'], {
        principal: { name: 'Ünïcode 🗝', ...(id !== undefined && { external_id: id }) },
      });
      for (const credential of [key, await service.tokenFor(key)]) {
        const answer = await introspected(credential);
        expect(answer).toMatchObject({ active: true, username, sub: principal_id });
      }
    },
  );
});

describe('scopes that have `:`, `*`, `/`, `%` and `#` in them (RFC 6749 §3.3)', () => {
  let client: NewKey;
  let token: string;

  beforeAll(async () => {
    client = await service.admin.newKey(SCOPES);
    token = await service.tokenFor(client.key, { audience: BROKER });
  });

  it('are what a key and a JWT have, and what introspection says', async () => {
    expect(client.scopes).toEqual(SCOPES);
    expect(claimsOf(token)).toMatchObject({ aud: BROKER, scope: SCOPES.join(' ') });
    for (const credential of [client.key, token]) {
      expect((await introspected(credential)).scope).toBe(SCOPES.join(' '));
    }
  });

  it('are asked for when a token is, one by one', async () => {
    for (const scope of SCOPES) {
      const narrow = await service.tokenFor(client.key, { audience: BROKER, scope });
      expect(claimsOf(narrow)['scope']).toBe(scope);
    }
  });

  it('are required by a gateway, as they are written: none of them is a pattern', async () => {
    const ask = (scope: string, headers: Record<string, string>) => {
      const query = new URLSearchParams({ audience: BROKER, scopes: scope });
      return service.http.get(`/forward-auth?${query.toString()}`, headers);
    };
    for (const scope of SCOPES) {
      for (const headers of [asApiKey(client.key), asBearer(token)]) {
        const answer = await ask(scope, headers);
        expect([scope, answer.status]).toEqual([scope, 200]);
        const told = (answer.headers.get('x-principal-scopes') ?? '').split(' ');
        expect(told.map(decodeURIComponent)).toEqual(SCOPES);
      }
    }
    for (const scope of ['rabbitmq.read:a/b', 'rabbitmq.read:*', 'rabbitmq.read:*/*/*']) {
      const refused = await ask(scope, asApiKey(client.key));
      expect([scope, refused.status]).toEqual([scope, 403]);
    }
  });
});

describe('a consumer that takes JWTs of the type JWT alone', () => {
  const typOf = (jwt: string) => headerOf(jwt)['typ'];
  const verify = (jwt: string, audience: string) =>
    createLocalVerifier({
      issuer: service.url,
      audience,
      types: ['JWT'],
      allowInsecureHttp: true,
    }).verify(jwt);

  it('gets them where its resource server says so, from /token and from a gateway', async () => {
    const { key } = await service.admin.newKey(['read', ...SCOPES]);
    const internal = async (audience: string) => {
      const path = `/forward-auth?audience=${encodeURIComponent(audience)}`;
      const { headers } = await service.http.get(path, asApiKey(key));
      return headers.get('x-principal-token') ?? '';
    };
    for (const jwt of [await service.tokenFor(key, { audience: OLD }), await internal(OLD)]) {
      expect(typOf(jwt)).toBe('JWT');
      expect(await verify(jwt, OLD)).toMatchObject({ ok: true });
    }
    for (const jwt of [await service.tokenFor(key, { audience: BROKER }), await internal(BROKER)]) {
      expect(typOf(jwt)).toBe('at+jwt');
      expect(await verify(jwt, BROKER)).toMatchObject({ ok: false, code: 'wrong_type' });
    }
  });
});

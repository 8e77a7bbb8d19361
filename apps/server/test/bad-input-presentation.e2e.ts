import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DpopClient } from './dpop-client.js';
import { forgedKey } from './forged-key.js';
import { asApiKey, asBasic, asBearer, type Answer, formBody } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
let keyId: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  keyId = (await service.introspect(service.adminKey)).client_id;
});

afterAll(() => service.stop());

type Fields = Record<string, string>;
type Headers = Record<string, string>;

const FORM_ENDPOINTS = ['/introspect', '/token', '/revoke'] as const;
const JSON_ENDPOINTS = ['/whoami', '/v1/principals', '/v1/keys'] as const;

/** A request that is good but for its credential. */
function send(path: string, headers: Headers, fields: Fields = {}): Promise<Answer> {
  const good: Fields = path === '/token' ? { grant_type: 'client_credentials' } : { token: 'x' };
  const isForm = (FORM_ENDPOINTS as readonly string[]).includes(path);
  return isForm
    ? service.http.form(path, { ...good, ...fields }, headers)
    : service.http.get(path, headers);
}

describe('a request without a credential', () => {
  it.each(['/introspect', '/revoke', ...JSON_ENDPOINTS])(
    'RFC 6750 §3.1: is challenged by %s, without an error code in the challenge',
    async (path) => {
      const answer = await send(path, {});
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="countersign"/);
      expect(answer.headers.get('www-authenticate')).not.toContain('error');
    },
  );

  it.each(FORM_ENDPOINTS)(
    'RFC 6749 §5.2, RFC 7662 §2.3, RFC 7009 §2.2.1: is invalid_client at %s, with a challenge',
    async (path) => {
      const answer = await send(path, {});
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.json).toEqual({
        error: 'invalid_client',
        error_description: expect.any(String),
      });
      expect(answer.headers.get('www-authenticate')).toContain('Basic realm="countersign"');
    },
  );

  it.each([...FORM_ENDPOINTS, ...JSON_ENDPOINTS])('is not cached by anybody: %s', async (path) => {
    expect((await send(path, {})).headers.get('cache-control')).toContain('no-store');
  });
});

describe('two credentials at once', () => {
  const pairs: [string, (key: string) => Headers][] = [
    ['X-API-Key and Bearer', (key) => ({ ...asApiKey(key), ...asBearer(key) })],
    ['X-API-Key and Basic', (key) => ({ ...asApiKey(key), ...asBasic(keyId, key) })],
    ['an X-API-Key that is empty and Bearer', (key) => ({ 'x-api-key': '', ...asBearer(key) })],
  ];

  describe.each([...FORM_ENDPOINTS, ...JSON_ENDPOINTS])('at %s', (path) => {
    it.each(pairs)(
      'RFC 6750 §2, RFC 6749 §2.3: are refused though both are right, %s',
      async (_, headers) => {
        expectInvalidRequest(await send(path, headers(service.adminKey)));
      },
    );

    it.each(['Authorization: Bearer', 'X-API-Key:'])(
      'RFC 6750 §3.1: are refused though they are the same, %s, twice',
      async (header) => {
        const line = `${header} ${service.adminKey}`;
        const answer = await sendRaw(path, [line, line]);
        expect(answer.status).toBe(400);
        expect(answer.text).toContain('invalid_request');
      },
    );

    it('RFC 6750 §2: are refused whichever of them comes first', async () => {
      const good = `Authorization: Bearer ${service.adminKey}`;
      const bad = 'Authorization: Bearer nonsense';
      for (const lines of [
        [good, bad],
        [bad, good],
      ]) {
        expect((await sendRaw(path, lines)).status).toBe(400);
      }
    });
  });

  describe.each(FORM_ENDPOINTS)('at %s', (path) => {
    it.each([
      ['Basic', (key: string) => asBasic(keyId, key)],
      ['Bearer', (key: string) => asBearer(key)],
      ['X-API-Key', (key: string) => asApiKey(key)],
    ])('RFC 6749 §2.3: are refused in the form and as %s', async (_, headers) => {
      const fields = { client_id: keyId, client_secret: service.adminKey };
      expectInvalidRequest(await send(path, headers(service.adminKey), fields));
    });
  });

  it.each(JSON_ENDPOINTS)(
    'RFC 6750 §2.3: are refused when one is in the URL of %s',
    async (path) => {
      const inUrl = `${path}?access_token=${service.adminKey}`;
      expectInvalidRequest(await service.http.get(inUrl, asApiKey(service.adminKey)));
      expectInvalidRequest(await service.http.get(inUrl));
    },
  );
});

describe('a credential that is not presented as it should be', () => {
  it.each([
    ['an unknown scheme', { authorization: 'Digest username="x"' }],
    ['Bearer without a token', { authorization: 'Bearer' }],
    ['Bearer with two words', { authorization: 'Bearer one two' }],
    ['an empty Authorization', { authorization: '' }],
    ['Basic that is not base64', { authorization: 'Basic *' }],
    ['Basic without a colon', { authorization: `Basic ${btoa('nocolon')}` }],
    ['Basic without a secret', { authorization: `Basic ${btoa('key_1:')}` }],
    ['Basic with a broken escape', { authorization: `Basic ${btoa('key_1:%zz')}` }],
    ['an empty X-API-Key', { 'x-api-key': '' }],
  ])('RFC 9110 §11.6.1: is 401 with a challenge everywhere, %s', async (_, headers) => {
    for (const path of [...FORM_ENDPOINTS, ...JSON_ENDPOINTS]) {
      const answer = await send(path, headers);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.has('www-authenticate')).toBe(true);
    }
  });

  describe.each(FORM_ENDPOINTS)('at %s', (path) => {
    it.each([
      ['Basic', (key: string) => asBasic(keyId, key)],
      ['Bearer', (key: string) => asBearer(key)],
    ])(
      'RFC 6749 §5.2: is challenged in the scheme that it is presented by, %s',
      async (scheme, as) => {
        for (const wrong of ['nonsense', forgedKey(service.adminKey)]) {
          const answer = await send(path, as(wrong));
          expect(answer.status).toBe(401);
          expect(schemesIn(answer)).toContain(scheme);
        }
      },
    );
  });

  it('RFC 6749 §5.2: is challenged in its scheme at /token, though it be a good JWT', async () => {
    const token = await service.tokenFor(service.adminKey);
    const prover = new DpopClient(service.http);
    const grant = { grant_type: 'client_credentials' };
    const { json } = await prover.form('/token', grant, asApiKey(service.adminKey));
    const bound = await prover.headers('POST', '/token', json.access_token);
    for (const [scheme, headers] of [
      ['Bearer', asBearer(token)],
      ['DPoP', bound],
    ] as const) {
      const answer = await send('/token', headers);
      expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client']);
      expect(schemesIn(answer)).toEqual([scheme, 'Basic']);
    }
  });

  it("is refused when the client id is another key's", async () => {
    const another = await service.admin.newKey();
    for (const path of FORM_ENDPOINTS) {
      const basic = await send(path, asBasic(another.id, service.adminKey));
      expect([path, basic.status]).toEqual([path, 401]);
      const form = { client_id: another.id, client_secret: service.adminKey };
      expect([path, (await send(path, {}, form)).status]).toEqual([path, 401]);
    }
  });
});

/** Of the challenges, which all have a realm. */
function schemesIn({ headers }: Answer): string[] {
  const challenges = headers.get('www-authenticate') ?? '';
  return [...challenges.matchAll(/(\w+) realm=/g)].map(([, scheme = '']) => scheme);
}

function expectInvalidRequest(answer: Answer): void {
  expect(answer.status).toBe(400);
  const { error, code } = answer.json;
  expect(error ?? code).toBe('invalid_request');
}

/** `fetch` joins headers that are repeated. */
function sendRaw(path: string, lines: readonly string[]) {
  const { host } = new URL(service.url);
  const common = [`Host: ${host}`, 'Connection: close', ...lines];
  if ((JSON_ENDPOINTS as readonly string[]).includes(path)) {
    return service.http.raw(`${[`GET ${path} HTTP/1.1`, ...common].join('\r\n')}\r\n\r\n`);
  }
  const body = formBody(path === '/token' ? { grant_type: 'client_credentials' } : { token: 'x' });
  const head = [
    `POST ${path} HTTP/1.1`,
    ...common,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  return service.http.raw(`${head.join('\r\n')}\r\n\r\n${body}`);
}

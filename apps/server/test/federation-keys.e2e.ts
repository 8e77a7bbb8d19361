import type { CreateTrustedIssuer, PublicJwk } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer, issuerKey } from './fake-issuer.js';
import { type Answer, asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
const issuers: FakeIssuer[] = [];

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
});

afterAll(async () => {
  await service.stop();
  await Promise.all(issuers.map((issuer) => issuer.stop()));
});

async function trustedIssuer(more: Partial<CreateTrustedIssuer> = {}): Promise<FakeIssuer> {
  const issuer = await FakeIssuer.start();
  issuers.push(issuer);
  await service.admin.trustIssuer(issuer.url, { provisioning: 'create', ...more });
  return issuer;
}

function introspect(token: string): Promise<Answer> {
  return service.http.form('/introspect', { token }, asApiKey(service.adminKey));
}

async function statusOf(token: string): Promise<string | number> {
  const { status, headers, json } = await introspect(token);
  if (status === 503) expect(headers.get('retry-after')).not.toBeNull();
  return status === 200 ? (json.active ? 'active' : 'inactive') : status;
}

describe('the keys of a trusted issuer', () => {
  it('are renewed when a token names one that is not known, and once only for many', async () => {
    const issuer = await trustedIssuer();
    expect(await statusOf(await issuer.token())).toBe('active');
    const before = issuer.jwksRequests;
    const unknown = issuerKey('ES256');
    for (let n = 0; n < 5; n += 1) {
      expect(await statusOf(await issuer.token({}, {}, unknown))).toBe('inactive');
    }
    expect(issuer.jwksRequests).toBe(before);
  });

  it('are none where two have the same kid: which is meant cannot be told', async () => {
    const issuer = await trustedIssuer();
    issuer.keys = [
      issuerKey('ES256', 'same'),
      issuerKey('ES256', 'same'),
      issuerKey('ES256', 'own'),
    ];
    expect(await statusOf(await issuer.token({}, {}, issuer.keys[0]))).toBe('inactive');
    expect(await statusOf(await issuer.token({}, {}, issuer.keys[1]))).toBe('inactive');
    expect(await statusOf(await issuer.token({}, {}, issuer.keys[2]))).toBe('active');
  });

  it('are none where they are private or symmetric', async () => {
    const issuer = await trustedIssuer();
    const [key] = issuer.keys;
    const exposed = key?.privateKey.export({ format: 'jwk' });
    issuer.routes.set('/jwks', { keys: [{ ...key?.jwk, ...exposed }] });
    expect(await statusOf(await issuer.token())).toBe('inactive');
  });

  it('may be without alg, and are then good for what their type and curve are', async () => {
    const issuer = await trustedIssuer();
    const { alg: _, ...jwk } = issuer.keys[0]?.jwk ?? {};
    issuer.routes.set('/jwks', { keys: [jwk] });
    expect(await statusOf(await issuer.token())).toBe('active');
  });

  it('need no kid in a token where one alone can have signed it (OpenID Connect Core §10.1)', async () => {
    const issuer = await trustedIssuer({ algorithms: ['ES256', 'RS256'] });
    issuer.keys = [issuerKey('ES256'), issuerKey('RS256')];
    const [ec, rsa] = issuer.keys;
    for (const key of [ec, rsa]) {
      expect(await statusOf(await issuer.token({}, { kid: null }, key))).toBe('active');
    }
    const another = issuerKey('ES256');
    expect(await statusOf(await issuer.token({}, { kid: null }, another))).toBe('inactive');
    expect(await statusOf(await issuer.token({}, { kid: '' }, ec))).toBe('inactive');
    expect(await statusOf(await issuer.token({}, { kid: 'unknown' }, ec))).toBe('inactive');
  });

  it('are not tried one after the other for a token without kid', async () => {
    const issuer = await trustedIssuer();
    issuer.keys = [issuerKey('ES256'), issuerKey('ES256')];
    for (const key of issuer.keys) {
      expect(await statusOf(await issuer.token({}, { kid: null }, key))).toBe('inactive');
      expect(await statusOf(await issuer.token({}, {}, key))).toBe('active');
    }
  });

  it('of another issuer never verify a token without kid', async () => {
    const [one, other] = [await trustedIssuer(), await trustedIssuer()];
    const stolen = await one.token({}, { kid: null }, other.keys[0]);
    expect(await statusOf(stolen)).toBe('inactive');
  });

  it('may be published without kid, for tokens without one', async () => {
    const issuer = await trustedIssuer();
    const { kid: _, ...jwk } = issuer.keys[0]?.jwk ?? {};
    issuer.routes.set('/jwks', { keys: [jwk] });
    expect(await statusOf(await issuer.token({}, { kid: null }))).toBe('active');
    expect(await statusOf(await issuer.token())).toBe('inactive');
  });

  it('that are given are all that there are, and nothing is fetched', async () => {
    const issuer = await FakeIssuer.start();
    issuers.push(issuer);
    const given = issuerKey('ES256');
    const { id } = await service.admin.trustIssuer(issuer.url, {
      provisioning: 'create',
      jwks: { keys: [given.jwk as unknown as PublicJwk] },
    });
    expect(await statusOf(await issuer.token({}, {}, given))).toBe('active');
    expect(await statusOf(await issuer.token({}, { kid: null }, given))).toBe('active');
    expect(await statusOf(await issuer.token())).toBe('inactive');
    expect(issuer.requests).toEqual([]);
    // From now on they are fetched, and what was given counts no more.
    await service.admin.patchTrustedIssuer(id, { jwks: null });
    expect(await statusOf(await issuer.token())).toBe('active');
    expect(await statusOf(await issuer.token({}, {}, given))).toBe('inactive');
    const other = issuerKey('ES256');
    const keys = [other.jwk as unknown as PublicJwk];
    await service.admin.patchTrustedIssuer(id, { jwks: { keys } });
    expect(await statusOf(await issuer.token({}, {}, other))).toBe('active');
    expect(await statusOf(await issuer.token())).toBe('inactive');
  });

  it('are found by RFC 8414 where the issuer is configured so', async () => {
    const issuer = await trustedIssuer({ discovery: 'oauth-authorization-server' });
    const metadata = { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` };
    issuer.routes.set('/.well-known/oauth-authorization-server', metadata);
    expect(await statusOf(await issuer.token())).toBe('active');
    expect(issuer.requests).not.toContain('/.well-known/openid-configuration');
  });

  it('are not taken from metadata that names another issuer', async () => {
    const issuer = await trustedIssuer();
    const metadata = { issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/jwks` };
    issuer.routes.set('/.well-known/openid-configuration', metadata);
    expect(await statusOf(await issuer.token())).toBe(503);
    expect(issuer.jwksRequests).toBe(0);
  });
});

describe('an issuer whose keys cannot be had: 503 for its tokens, and for nobody else’s', () => {
  const ways: [string, (issuer: FakeIssuer, lure: FakeIssuer) => void][] = [
    [
      'it redirects to a private address',
      (issuer, lure) =>
        issuer.routes.set('/jwks', (_, response) => {
          response.writeHead(302, { location: `${lure.url}/jwks` }).end();
        }),
    ],
    [
      'its metadata redirects',
      (issuer, lure) =>
        issuer.routes.set('/.well-known/openid-configuration', (_, response) => {
          const location = `${lure.url}/.well-known/openid-configuration`;
          response.writeHead(307, { location }).end();
        }),
    ],
    [
      'its metadata leads to an address that is not allowed',
      (issuer, lure) => {
        const jwks_uri = `http://localhost:${lure.port}/jwks`.replace('localhost', '127.0.0.2');
        issuer.routes.set('/.well-known/openid-configuration', { issuer: issuer.url, jwks_uri });
      },
    ],
    [
      'its set is 10 MB',
      (issuer) =>
        issuer.routes.set('/jwks', {
          keys: issuer.keys.map(({ jwk }) => jwk),
          x: 'x'.repeat(10_000_000),
        }),
    ],
    ['its set is no set', (issuer) => issuer.routes.set('/jwks', { keys: 'none' })],
    [
      'it answers 500',
      (issuer) => issuer.routes.set('/jwks', (_, response) => void response.writeHead(500).end()),
    ],
    [
      'it begins an answer and hangs',
      (issuer) => issuer.routes.set('/jwks', (_, response) => void response.write('{"keys":[')),
    ],
  ];

  it.each(ways)(
    '%s',
    async (_what, spoil) => {
      const [lure, healthy, issuer] = [
        await FakeIssuer.start(),
        await trustedIssuer(),
        await trustedIssuer(),
      ];
      issuers.push(lure);
      spoil(issuer, lure);
      expect(await statusOf(await healthy.token())).toBe('active');
      const spoilt = statusOf(await issuer.token());
      expect(await statusOf(await healthy.token({ sub: 'b' }))).toBe('active');
      expect(await spoilt).toBe(503);
      expect(lure.requests).toEqual([]);
      expect(await statusOf(await service.tokenFor(service.adminKey))).toBe('active');
    },
    20_000,
  );

  it('keeps nobody waiting while it hangs', async () => {
    const [healthy, issuer] = [await trustedIssuer(), await trustedIssuer()];
    issuer.routes.set('/jwks', () => undefined);
    let answered = false;
    const hanging = statusOf(await issuer.token()).finally(() => (answered = true));
    expect(await statusOf(await healthy.token())).toBe('active');
    expect(answered).toBe(false);
    expect(await hanging).toBe(503);
  }, 20_000);

  it('goes on for those whose keys were had before', async () => {
    const issuer = await trustedIssuer();
    const tokens = [await issuer.token(), await issuer.token({ sub: 'new' })];
    expect(await statusOf(tokens[0] ?? '')).toBe('active');
    issuers.splice(issuers.indexOf(issuer), 1);
    await issuer.stop();
    for (const token of tokens) expect(await statusOf(token)).toBe('active');
  });
});

describe('without a word about private addresses', () => {
  it('an issuer at one is never asked', async () => {
    await service.stop();
    service = await startServiceUnderTest({
      env: { COUNTERSIGN_FEDERATION_INSECURE_HTTP: 'loopback' },
    });
    const issuer = await FakeIssuer.start();
    issuers.push(issuer);
    const byAddress = service.admin.trustIssuer(issuer.url);
    await expect(byAddress).rejects.toThrow(/422.*is at no public address/);
    // What a name stands for is known when it is looked up.
    const byName = issuer.url.replace('127.0.0.1', 'localhost');
    await service.admin.trustIssuer(byName, { provisioning: 'create' });
    expect(await statusOf(await issuer.token({ iss: byName }))).toBe(503);
    expect(issuer.requests).toEqual([]);
    const refused = { outcome: 'failed' };
    const metrics = await service.metrics();
    expect(metrics.sum('countersign_trusted_issuer_fetches_total', refused)).toBe(1);
  });

  it('and plain HTTP is refused when the issuer is configured', async () => {
    await service.stop();
    service = await startServiceUnderTest();
    const http = service.admin.trustIssuer('http://127.0.0.1:1');
    await expect(http).rejects.toThrow(/422.*must be an https URL/);
    const more = { jwks_uri: 'http://idp.example/jwks' };
    await expect(service.admin.trustIssuer('https://idp.example', more)).rejects.toThrow(/422/);
  });
});

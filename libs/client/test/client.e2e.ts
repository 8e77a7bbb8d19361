import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewKey } from '../../../apps/server/test/admin-client.js';
import { asApiKey } from '../../../apps/server/test/http-client.js';
import {
  type ServiceUnderTest,
  startServiceUnderTest,
} from '../../../apps/server/test/service-under-test.js';
import { startTcpProxy, type TcpProxy } from '../../../apps/server/test/tcp-proxy.js';
import { createVerifier } from '../src/create-verifier.js';
import { createTokenSource } from '../src/tokens/create-token-source.js';
import type { Verifier } from '../src/verifier.js';
import type { VerifierOptions } from '../src/verifier-options.js';
import { eventually } from './eventually.js';

const AUDIENCE = 'https://orders.example.com';
const WITHIN_MS = 1000;
/** An answer may be acted upon for as long as the feed may be old. */
const ANSWER_MS = 1000;

let service: ServiceUnderTest;
/** The network between the backend and the service. */
let network: TcpProxy;
let backendKey: string;
const verifiers: Verifier[] = [];

beforeAll(async () => {
  service = await startServiceUnderTest();
  network = await startTcpProxy(service.url);
  const scopes = ['countersign:introspect', 'countersign:revocations:read'];
  const backend = await service.admin.newKey(scopes);
  backendKey = backend.key;
  await service.admin.createResourceServer(AUDIENCE, {
    scopes: ['orders:read', 'orders:refund'],
    principal_ids: [backend.principal_id],
  });
});

afterEach(async () => {
  network.resume();
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
});

afterAll(async () => {
  await network.close();
  await service.stop();
});

async function readyVerifier(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const verifier = createVerifier({
    issuer: service.url,
    serviceUrl: network.url.replace(/\/$/, ''),
    audience: AUDIENCE,
    credential: backendKey,
    allowInsecureHttp: 'loopback',
    ...options,
  });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}

const newClient = () => service.admin.newKey(['orders:read', 'orders:refund']);
const tokenOf = ({ key }: NewKey) => service.tokenFor(key, { audience: AUDIENCE });

describe('a backend with @countersign/client', () => {
  it('knows one principal, whether it is shown the key or a token of it', async () => {
    const verifier = await readyVerifier();
    const client = await newClient();
    const byKey = await verifier.verify({ headers: asApiKey(client.key) });
    const byToken = await verifier.verify(await tokenOf(client));
    if (!byKey.ok || !byToken.ok) throw new Error(JSON.stringify([byKey, byToken]));
    expect([byKey.source, byToken.source]).toEqual(['introspection', 'local']);
    const { credential: _, audience: __, ...ofKey } = byKey.principal;
    const { credential: ___, audience: ____, ...ofToken } = byToken.principal;
    expect(ofKey).toEqual(ofToken);
    expect(ofKey).toMatchObject({
      subject: client.principal_id,
      scopes: ['orders:read', 'orders:refund'],
    });
  });

  it.each(['key', 'token'] as const)(
    'turns a %s away within a second of the key’s revocation',
    async (what) => {
      const verifier = await readyVerifier();
      const client = await newClient();
      const credential = what === 'key' ? client.key : await tokenOf(client);
      expect(await verifier.verify(credential)).toMatchObject({ ok: true });
      await service.admin.revokeKey(client.id);
      await eventually(async () => {
        expect(await verifier.verify(credential)).toMatchObject({ ok: false, status: 401 });
      }, WITHIN_MS);
    },
  );

  it('turns a single token away once it was revoked, and lets the others be', async () => {
    const verifier = await readyVerifier();
    const client = await newClient();
    const [revoked, other] = [await tokenOf(client), await tokenOf(client)];
    expect(await verifier.verify(revoked)).toMatchObject({ source: 'local' });
    await service.http.form('/revoke', { token: revoked }, asApiKey(service.adminKey));
    await eventually(async () => {
      expect(await verifier.verify(revoked)).toMatchObject({ code: 'credential_revoked' });
    }, WITHIN_MS);
    expect(await verifier.verify(other)).toMatchObject({ ok: true, source: 'local' });
  });

  it('asks what is left of a token whose principal was narrowed; a newer token says it itself', async () => {
    const verifier = await readyVerifier();
    const client = await newClient();
    const token = await tokenOf(client);
    const refund = () => verifier.verify(token, { scopes: 'orders:refund' });
    expect(await refund()).toMatchObject({ ok: true, source: 'local' });
    await service.admin.patchPrincipal(client.principal_id, { scopes: ['orders:read'] });
    await eventually(async () => expect(await refund()).toMatchObject({ status: 403 }), WITHIN_MS);
    const left = await verifier.verify(token, { scopes: 'orders:read' });
    expect(left).toMatchObject({ ok: true, principal: { scopes: ['orders:read'] } });
    expect(left).not.toMatchObject({ source: 'local' });
    const newer = await verifier.verify(await tokenOf(client));
    expect(newer).toMatchObject({ source: 'local', principal: { scopes: ['orders:read'] } });
  });

  it('calls nothing invalid in an outage, and forgets it when it is over', async () => {
    const verifier = await readyVerifier();
    const client = await newClient();
    const credentials = [client.key, await tokenOf(client)];
    for (const each of credentials) expect(await verifier.verify(each)).toMatchObject({ ok: true });
    network.cut();
    for (const each of credentials) {
      await eventually(async () => {
        expect(await verifier.verify(each)).toMatchObject({ ok: false, status: 503 });
      });
    }
    network.resume();
    await verifier.ready();
    for (const each of credentials) {
      await eventually(async () => expect(await verifier.verify(each)).toMatchObject({ ok: true }));
    }
  });

  it.each([
    ['refuse', { ok: false, status: 503, reason: 'stale' }],
    ['continue', { ok: true, source: 'local' }],
  ] as const)(
    'does under the policy %s as it says, while the service hangs',
    async (policy, expected) => {
      const verifier = await readyVerifier({ staleness: { policy } });
      const token = await tokenOf(await newClient());
      expect(await verifier.verify(token)).toMatchObject({ ok: true });
      network.hang();
      await eventually(() => expect(verifier.staleness().fresh).toBe(false));
      expect(await verifier.verify(token)).toMatchObject(expected);
      network.resume();
      await verifier.ready();
      expect(await verifier.verify(token)).toMatchObject({ ok: true, source: 'local' });
    },
  );

  it('learns after an outage of what was revoked in it', async () => {
    const verifier = await readyVerifier();
    const client = await newClient();
    const token = await tokenOf(client);
    expect(await verifier.verify(token)).toMatchObject({ ok: true });
    network.cut();
    await service.admin.revokeKey(client.id);
    network.resume();
    await eventually(async () => {
      expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 401 });
    });
  });

  it('checks the restrictions of a key at each use, after it was asked about once', async () => {
    const verifier = await readyVerifier();
    const restrictions = { ips: ['10.0.0.0/8'], paths: ['/orders/*'] };
    const { key } = await service.admin.newKey(['orders:read'], { key: { restrictions } });
    const use = (ip: string, url: string) =>
      verifier.verify({ headers: asApiKey(key), ip, url, method: 'GET' });
    expect(await use('10.0.0.1', '/orders/1')).toMatchObject({ source: 'introspection' });
    expect(await use('10.0.0.2', '/orders/2')).toMatchObject({ source: 'cache' });
    expect(await use('11.0.0.1', '/orders/1')).toMatchObject({ code: 'ip_not_allowed' });
    expect(await use('10.0.0.1', '/refunds')).toMatchObject({ code: 'path_not_allowed' });
  });

  it('says that it is misconfigured when its own key lacks a scope, and calls nobody invalid', async () => {
    const events: string[] = [];
    const { key } = await service.admin.newKey(['countersign:revocations:read']);
    const verifier = await readyVerifier({
      credential: key,
      hooks: { onMisconfigured: ({ message }) => events.push(message) },
    });
    const client = await newClient();
    expect(await verifier.verify(client.key)).toMatchObject({ reason: 'misconfigured' });
    expect(events).toEqual([
      'the credential of this backend lacks the scope countersign:introspect',
    ]);
    expect(await verifier.verify(await tokenOf(client))).toMatchObject({ source: 'local' });
  });

  it('asks about tokens of organizations of which its own key is told nothing', async () => {
    const [ours, theirs] = [
      await service.admin.createOrganization('Ours'),
      await service.admin.createOrganization('Theirs'),
    ];
    const backend = await service.admin.newKey(
      ['countersign:introspect', 'countersign:revocations:read'],
      { principal: { organization_id: ours.id } },
    );
    const audience = 'https://invoices.example.com';
    await service.admin.createResourceServer(audience, {
      scopes: ['orders:read'],
      principal_ids: [backend.principal_id],
    });
    const clientOf = ({ id }: { id: string }) =>
      service.admin.newKey(['orders:read'], { principal: { organization_id: id } });
    const [our, their] = [await clientOf(ours), await clientOf(theirs)];
    const [ourToken, theirToken] = [
      await service.tokenFor(our.key, { audience }),
      await service.tokenFor(their.key, { audience }),
    ];
    const limited = { credential: backend.key, audience };
    const verifier = await readyVerifier(limited);
    const refusing = await readyVerifier({ ...limited, staleness: { policy: 'refuse' } });
    expect(verifier.staleness()).toMatchObject({ organization: ours.id });
    expect(await verifier.verify(ourToken)).toMatchObject({ ok: true, source: 'local' });
    expect(await verifier.verify(theirToken)).toMatchObject({ ok: true, source: 'introspection' });
    expect(await refusing.verify(ourToken)).toMatchObject({ ok: true, source: 'local' });
    expect(await refusing.verify(theirToken)).toMatchObject({ status: 503, reason: 'stale' });
    await Promise.all([our, their].map(({ id }) => service.admin.revokeKey(id)));
    const refused = { ok: false, status: 401 };
    await eventually(async () => {
      expect(await verifier.verify(ourToken)).toMatchObject(refused);
      expect(await verifier.verify(theirToken)).toMatchObject(refused);
    }, WITHIN_MS + ANSWER_MS);
    expect(await refusing.verify(theirToken)).toMatchObject({ status: 503, reason: 'stale' });
  });

  it('gets tokens of its own to call others with', async () => {
    const verifier = await readyVerifier();
    const { key } = await newClient();
    const tokens = createTokenSource({
      issuer: service.url,
      credential: key,
      audience: AUDIENCE,
      scope: 'orders:read',
      allowInsecureHttp: 'loopback',
    });
    expect(await verifier.verify(await tokens.token())).toMatchObject({
      ok: true,
      principal: { scopes: ['orders:read'], audience: [AUDIENCE] },
    });
    const refused = createTokenSource({
      issuer: service.url,
      credential: key,
      audience: 'https://nobody.example.com',
      allowInsecureHttp: 'loopback',
    });
    await expect(refused.token()).rejects.toMatchObject({
      name: 'TokenRefused',
      code: 'invalid_target',
    });
  });
});

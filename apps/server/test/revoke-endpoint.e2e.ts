import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import type { NewKey } from './admin-client.js';
import { CONFIRMED } from './confirmed.js';
import { FakeIssuer } from './fake-issuer.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const API = 'https://api.example.com';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  await service.admin.createResourceServer(API, { scopes: ['read'] });
});

afterAll(() => service.stop());

async function isActive(credential: string): Promise<boolean> {
  return (await service.introspect(credential)).active;
}

async function revoke(token: string, by = service.adminKey): Promise<void> {
  const { status, json } = await service.http.form('/revoke', { token }, asApiKey(by));
  expect([status, json]).toEqual([200, { propagation: CONFIRMED }]);
}

interface Standing {
  readonly takeAway: (issued: NewKey) => Promise<unknown>;
  readonly giveBack: (issued: NewKey) => Promise<unknown>;
}

const organizationOf = async ({ principal_id: id }: NewKey): Promise<string> => {
  const { json } = await service.http.get(`/v1/principals/${id}`, asApiKey(service.adminKey));
  return json.organization_id;
};

/** What makes a key and its tokens inactive, and can be undone. */
const STANDINGS: Readonly<Record<string, Standing>> = {
  'its key is disabled': {
    takeAway: ({ id }) => service.admin.patchKey(id, { status: 'disabled' }),
    giveBack: ({ id }) => service.admin.patchKey(id, { status: 'active' }),
  },
  'its principal is disabled': {
    takeAway: ({ principal_id: id }) => service.admin.patchPrincipal(id, { status: 'disabled' }),
    giveBack: ({ principal_id: id }) => service.admin.patchPrincipal(id, { status: 'active' }),
  },
  'its organization is disabled': {
    takeAway: async (issued) =>
      service.admin.setOrganizationStatus(await organizationOf(issued), 'disabled'),
    giveBack: async (issued) =>
      service.admin.setOrganizationStatus(await organizationOf(issued), 'active'),
  },
};

async function newKey(): Promise<NewKey> {
  const { id } = await service.admin.createOrganization();
  return service.admin.newKey(['read'], { principal: { organization_id: id } });
}

describe.each(Object.entries(STANDINGS))('while %s', (_why, { takeAway, giveBack }) => {
  it('a key is revoked, whether the service knows its secret or not', async () => {
    for (const isKnown of [true, false]) {
      const issued = await newKey();
      if (isKnown) expect(await isActive(issued.key)).toBe(true);
      await takeAway(issued);
      await revoke(issued.key);
      await giveBack(issued).catch(() => undefined); // A revoked key is enabled no more.
      expect(await isActive(issued.key)).toBe(false);
      expect(await service.admin.readKey(issued.id)).toMatchObject({ status: 'revoked' });
    }
  });

  it('a JWT is revoked, and no other', async () => {
    const issued = await newKey();
    const [token, another] = [
      await service.tokenFor(issued.key),
      await service.tokenFor(issued.key),
    ];
    await takeAway(issued);
    expect(await isActive(token)).toBe(false);
    await revoke(token);
    await giveBack(issued);
    expect([await isActive(token), await isActive(another)]).toEqual([false, true]);
  });

  it("RFC 7009 §2.1: a stranger's request is answered like any, and revokes nothing", async () => {
    const [issued, stranger] = [await newKey(), await newKey()];
    const token = await service.tokenFor(issued.key);
    await takeAway(issued);
    for (const credential of [issued.key, token]) await revoke(credential, stranger.key);
    await giveBack(issued);
    for (const credential of [issued.key, token]) expect(await isActive(credential)).toBe(true);
  });
});

describe('/revoke', () => {
  it('revokes a key that has expired, since its end may be put off', async () => {
    const { id } = await service.admin.createPrincipal();
    const soon = new Date(Date.now() + 300).toISOString();
    const issued = await service.admin.issueKey(id, { expires_at: soon });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await isActive(issued.key)).toBe(false);
    await revoke(issued.key);
    expect(await service.admin.readKey(issued.id)).toMatchObject({ status: 'revoked' });
  });

  it('revokes a JWT whose key is restricted to other audiences for now', async () => {
    const issued = await newKey();
    const token = await service.tokenFor(issued.key);
    await service.admin.patchKey(issued.id, { audiences: [API] });
    await revoke(token);
    await service.admin.patchKey(issued.id, { audiences: [] });
    expect(await isActive(token)).toBe(false);
  });

  it('leaves a key alone whose rotated-out secret is presented', async () => {
    const issued = await newKey();
    expect(await isActive(issued.key)).toBe(true);
    const rotated = await service.admin.rotateKey(issued.id, 0);
    await revoke(issued.key);
    expect(await isActive(rotated.key)).toBe(true);
  });
});

describe('/revoke of a key that was deleted elsewhere, which memory has yet to learn', () => {
  it('has nothing left to revoke, and confirms', async () => {
    const [issued, colleague] = [await newKey(), await newKey()];
    for (const { key } of [issued, colleague]) expect(await isActive(key)).toBe(true);
    const byItself = [issued.id, issued.key, issued.key];
    const bySomebody = [colleague.id, colleague.key, service.adminKey];
    for (const [id = '', token = '', by] of [byItself, bySomebody]) {
      // Past the change feed, as if it were behind.
      await administer(service.databaseUrl, `DELETE FROM api_keys WHERE id = '${id}'`);
      await revoke(token, by);
    }
  });
});

describe("/revoke of a trusted issuer's token", () => {
  it('ends one that lives longer than another by the same id, which was revoked before', async () => {
    const issuer = await FakeIssuer.start();
    try {
      await service.admin.trustIssuer(issuer.url, { provisioning: 'create' });
      const exp = Math.floor(Date.now() / 1000) + 300;
      const [short, long] = [
        await issuer.token({ jti: 'again', exp }),
        await issuer.token({ jti: 'again', exp: exp + 600 }),
      ];
      for (const token of [short, long, short, long]) await revoke(token);
      const kept = `SELECT extract(epoch FROM expires_at)::int - ${exp} AS after FROM revocations
        WHERE type = 'jti' AND id LIKE '%/again' ORDER BY position`;
      const [first, second, ...more] = (await administer(service.databaseUrl, kept)) as {
        after: number;
      }[];
      expect([(second?.after ?? 0) - (first?.after ?? 0), more]).toEqual([600, []]);
    } finally {
      await issuer.stop();
    }
  });

  it.each(['issuer', 'identity'])('ends it though its %s is disabled', async (disabled) => {
    const issuer = await FakeIssuer.start();
    try {
      const { id } = await service.admin.trustIssuer(issuer.url, {
        target_audiences: [],
        provisioning: 'create',
      });
      const [token, another] = [await issuer.token(), await issuer.token()];
      expect(await isActive(token)).toBe(true);
      const [identity] = await service.admin.identitiesOf(id);
      const setStatus = (status: 'active' | 'disabled') =>
        disabled === 'issuer'
          ? service.admin.patchTrustedIssuer(id, { status })
          : service.admin.setIdentityStatus(identity?.id ?? '', status);
      await setStatus('disabled');
      await revoke(token);
      await setStatus('active');
      expect([await isActive(token), await isActive(another)]).toEqual([false, true]);
    } finally {
      await issuer.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import type { NewKey } from './admin-client.js';
import { CONFIRMED } from './confirmed.js';
import { eventually } from './eventually.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf, headerOf } from './token-forge.js';

const API = 'https://api.example.com';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest();
  await service.admin.createResourceServer(API, { scopes: ['read', 'write'] });
});

afterAll(() => service.stop());

interface Family {
  readonly issued: NewKey;
  /** The key, a JWT of it, one for an audience, and one that was exchanged for that. */
  readonly credentials: readonly string[];
}

/** A key with all that can be derived from it, each of them in the service's memory. */
async function family(issued: NewKey): Promise<Family> {
  const token = await service.tokenFor(issued.key);
  const forApi = await service.tokenFor(issued.key, { audience: API });
  const exchanged = await service.http.form('/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: forApi,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
  const credentials = [issued.key, token, forApi, exchanged.json.access_token as string];
  await expectActive(credentials, true);
  await expectActive(credentials, true);
  return { issued, credentials };
}

async function expectActive(credentials: readonly string[], active: boolean): Promise<void> {
  const answers = await Promise.all(credentials.map((each) => service.introspect(each)));
  expect(answers.map((answer) => answer.active)).toEqual(credentials.map(() => active));
}

async function newFamily(more: Parameters<typeof service.admin.newKey>[1] = {}): Promise<Family> {
  return family(await service.admin.newKey(['read', 'write'], more));
}

function revoke(token: string, headers: Record<string, string>): Promise<Answer> {
  return service.http.form('/revoke', { token }, headers);
}

describe('when the call returns, the key and all that was derived from it are refused', () => {
  it('when the key is revoked', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.revokeKey(issued.id);
    await expectActive(credentials, false);
  });

  it('when the key is revoked at /revoke', async () => {
    const { issued, credentials } = await newFamily();
    expect((await revoke(issued.key, asApiKey(issued.key))).json).toEqual({
      propagation: CONFIRMED,
    });
    await expectActive(credentials, false);
    expect(await service.admin.readKey(issued.id)).toMatchObject({ status: 'revoked' });
  });

  it('when the key is deleted', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.deleteKey(issued.id);
    await expectActive(credentials, false);
  });

  it('when the key is disabled, until it is enabled again', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.patchKey(issued.id, { status: 'disabled' });
    await expectActive(credentials, false);
    await service.admin.patchKey(issued.id, { status: 'active' });
    await expectActive(credentials, true);
  });

  it('when its principal is disabled, until it is enabled again', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.patchPrincipal(issued.principal_id, { status: 'disabled' });
    await expectActive(credentials, false);
    await service.admin.patchPrincipal(issued.principal_id, { status: 'active' });
    await expectActive(credentials, true);
  });

  it('when its organization is disabled, until it is enabled again', async () => {
    const { id } = await service.admin.createOrganization();
    const { credentials } = await newFamily({ principal: { organization_id: id } });
    await service.admin.setOrganizationStatus(id, 'disabled');
    await expectActive(credentials, false);
    await service.admin.setOrganizationStatus(id, 'active');
    await expectActive(credentials, true);
  });

  it('when the key is rotated without grace, and the new secret works', async () => {
    const { issued, credentials } = await newFamily();
    const rotated = await service.admin.rotateKey(issued.id, 0);
    await expectActive(credentials, false);
    await expectActive((await family(rotated)).credentials, true);
  });

  it('when the key is rotated without grace, by a clock that is ahead of this one', async () => {
    const { issued } = await newFamily();
    const behind = Date.now() - 60_000;
    await service.admin.rotateKey(issued.id, 0);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => behind);
    try {
      await expectActive([issued.key], false);
    } finally {
      clock.mockRestore();
    }
  });

  it('when the grace of a rotation is over, and not before', async () => {
    const { issued, credentials } = await newFamily();
    const rotated = await service.admin.rotateKey(issued.id, 2);
    const graceEnd = Date.parse(rotated.versions[1]?.expires_at ?? '');
    const answers = await Promise.all(credentials.map((each) => service.introspect(each)));
    if (Date.now() < graceEnd) expect(answers.map(({ active }) => active)).not.toContain(false);
    await eventually('the grace is over', () => Date.now() >= graceEnd);
    await expectActive(credentials, false);
    await expectActive([rotated.key], true);
  });

  it('when the key expires, earlier than what was derived from it', async () => {
    const { issued, credentials } = await newFamily();
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    await service.admin.patchKey(issued.id, { expires_at: expiresAt });
    await eventually('the key expires', () => Date.now() >= Date.parse(expiresAt));
    await expectActive(credentials, false);
  });

  it('when the key is restricted to another audience: only what is for that one goes on', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.patchKey(issued.id, { audiences: [API] });
    const [key, token, forApi, exchanged] = credentials as [string, string, string, string];
    await expectActive([key, forApi, exchanged], true);
    await expectActive([token], false);
  });
});

describe('a scope that is taken away', () => {
  async function scopesOf(credentials: readonly string[]): Promise<string[]> {
    const answers = await Promise.all(credentials.map((each) => service.introspect(each)));
    return answers.map(({ scope, principal }) => {
      expect(principal.scopes.join(' ')).toBe(scope);
      return scope;
    });
  }

  it('from a role is gone at once from every key and token of who has the role', async () => {
    const role = await service.admin.createRole('shrinking', ['read', 'write']);
    const { credentials } = await newFamily({ principal: { scopes: [], roles: [role.name] } });
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => 'read write'));
    await service.admin.patchRole(role.id, ['read']);
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => 'read'));
  });

  it('from a principal, or with a role, is gone at once', async () => {
    const role = await service.admin.createRole('going', ['write']);
    const { issued, credentials } = await newFamily({
      principal: { scopes: ['read'], roles: [role.name] },
    });
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => 'read write'));
    await service.admin.patchPrincipal(issued.principal_id, { roles: [] });
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => 'read'));
    await service.admin.patchPrincipal(issued.principal_id, { scopes: [] });
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => ''));
  });

  it('from a key is gone at once from its tokens', async () => {
    const { issued, credentials } = await newFamily();
    await service.admin.patchKey(issued.id, { scopes: ['write'] });
    expect(await scopesOf(credentials)).toEqual(credentials.map(() => 'write'));
  });

  it('no longer lets a caller do what needs it', async () => {
    const issued = await service.admin.newKey(['countersign:principals:read']);
    const token = await service.tokenFor(issued.key);
    for (const headers of [asApiKey(issued.key), asBearer(token)]) {
      expect((await service.http.get('/v1/principals', headers)).status).toBe(200);
    }
    await service.admin.patchPrincipal(issued.principal_id, { scopes: [] });
    for (const headers of [asApiKey(issued.key), asBearer(token)]) {
      expect((await service.http.get('/v1/principals', headers)).status).toBe(403);
    }
  });
});

describe('/revoke', () => {
  it('RFC 7009 §2.1: ends one JWT by its jti, and neither the key nor its other JWTs', async () => {
    const { issued, credentials } = await newFamily();
    const [, token = '', ...others] = credentials;
    const answer = await revoke(token, asBasic(issued.id, issued.key));
    expect([answer.status, answer.json]).toEqual([200, { propagation: CONFIRMED }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    await expectActive([token], false);
    await expectActive([issued.key, ...others], true);
  });

  it('RFC 7009 §2.2: is idempotent, for keys and JWTs, and records what it did once', async () => {
    const { issued, credentials } = await newFamily();
    const [, token = ''] = credentials;
    const caller = asApiKey((await service.admin.issueKey(issued.principal_id)).key);
    for (const credential of [token, token, issued.key, issued.key]) {
      const { status, json } = await revoke(credential, caller);
      expect([status, json]).toEqual([200, { propagation: CONFIRMED }]);
    }
    const events = `SELECT action, count(*)::int FROM audit_events
      WHERE (action = 'key.revoked' AND resource_id = '${issued.id}')
         OR (action = 'token.revoked' AND resource_id = '${String(claimsOf(token)['jti'])}')
      GROUP BY action ORDER BY action`;
    expect(await administer(service.databaseUrl, events)).toEqual([
      { action: 'key.revoked', count: 1 },
      { action: 'token.revoked', count: 1 },
    ]);
  });

  it('RFC 7009 §2.2: answers 200 to what is no credential at all', async () => {
    for (const token of ['nonsense', 'cs_live_x', 'eyJ.e30.x']) {
      const answer = await revoke(token, asApiKey(service.adminKey));
      expect([answer.status, answer.json]).toEqual([200, { propagation: CONFIRMED }]);
    }
  });

  it('RFC 7009 §2.1: takes token_type_hint for a hint: a wrong or unknown one ends it all the same', async () => {
    const { issued, credentials } = await newFamily();
    const [key = '', token = '', forApi = ''] = credentials;
    const colleague = asApiKey((await service.admin.issueKey(issued.principal_id)).key);
    for (const [credential, token_type_hint] of [
      [token, 'refresh_token'],
      [forApi, 'unknown'],
      [key, 'access_token'],
    ] as const) {
      const fields = { token: credential, token_type_hint };
      const answer = await service.http.form('/revoke', fields, colleague);
      expect([answer.status, answer.json]).toEqual([200, { propagation: CONFIRMED }]);
      await expectActive([credential], false);
    }
  });

  it('RFC 7009 §2.1: authenticates the client first, and revokes nothing for who fails to', async () => {
    const { issued, credentials } = await newFamily();
    const wrong = asBasic(issued.id, service.adminKey);
    for (const headers of [{}, wrong, asApiKey('nonsense')]) {
      const answers = await Promise.all(credentials.map((token) => revoke(token, headers)));
      expect(answers.map(({ status }) => status)).toEqual(credentials.map(() => 401));
    }
    await expectActive(credentials, true);
  });

  it("RFC 7009 §2.1: refuses another client's credentials, and they live on", async () => {
    const { credentials } = await newFamily();
    const other = await service.admin.newKey(['read', 'write']);
    for (const credential of credentials) {
      const answer = await revoke(credential, asApiKey(other.key));
      expect([answer.status, answer.json.error]).toEqual([400, 'unauthorized_client']);
    }
    await expectActive(credentials, true);
  });

  it('lets who may write keys revoke within its organization, and not beyond', async () => {
    const [ours, theirs] = [
      await service.admin.createOrganization('Ours'),
      await service.admin.createOrganization('Theirs'),
    ];
    const member = { principal: { organization_id: ours.id } };
    const manager = await service.admin.newKey(['countersign:keys:write'], member);
    const colleague = await newFamily(member);
    const stranger = await newFamily({ principal: { organization_id: theirs.id } });
    for (const token of colleague.credentials) {
      expect(await revoke(token, asApiKey(manager.key))).toMatchObject({ status: 200 });
    }
    for (const token of stranger.credentials) {
      const answer = await revoke(token, asApiKey(manager.key));
      expect([answer.status, answer.json.error]).toEqual([400, 'unauthorized_client']);
    }
    await expectActive(stranger.credentials, true);
  });
});

// Last, since the algorithm that is compromised signs nothing until it has a new key.
describe('a signing key that is compromised', () => {
  it('ends every token that it signed, at once, and no key', async () => {
    const { issued, credentials } = await newFamily();
    const [, ...tokens] = credentials;
    const { kid } = headerOf(tokens[0] ?? '');
    await service.admin.compromiseSigningKey(String(kid));
    await expectActive(tokens, false);
    await expectActive([issued.key], true);
    const { keys } = (await service.http.get('/.well-known/jwks.json')).json;
    expect(keys.map((key: { kid: string }) => key.kid)).not.toContain(kid);
  });
});

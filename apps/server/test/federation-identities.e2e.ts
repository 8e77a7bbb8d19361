import type { Organization, TrustedIssuer } from '@countersign/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { administer } from '../../../test/administer.js';
import { FakeIssuer } from './fake-issuer.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import type { Claims } from './token-forge.js';

const INACTIVE = { active: false };
const MAPPING = { subject: '/sub', scopes: [{ claim: '/scope' }], type: 'service' as const };
const READS = { scope: 'read write admin' };

let service: ServiceUnderTest;
let organization: Organization;
let issuer: FakeIssuer;
let trusted: TrustedIssuer;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: FakeIssuer.ENV,
  });
  organization = await service.admin.createOrganization();
});

afterAll(() => service.stop());

beforeEach(async () => {
  issuer = await FakeIssuer.start();
  trusted = await service.admin.trustIssuer(issuer.url, {
    scopes: ['read', 'write'],
    target_audiences: [],
    provisioning: 'create',
    organization_id: organization.id,
  });
});

afterEach(() => issuer.stop());

describe('linking', () => {
  it('takes an external id from where the mapping says, which need not be the subject', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      provisioning: 'link',
      mapping: { ...MAPPING, external_id: '/employee/number' },
    });
    const principal = await service.admin.createPrincipal({
      organization_id: organization.id,
      external_id: 'emp-9',
      scopes: ['read'],
    });
    const token = await issuer.token({ ...READS, sub: 'oid-1', employee: { number: 'emp-9' } });
    expect(await service.introspect(token)).toMatchObject({ sub: principal.id, username: 'emp-9' });
    const bySubject = await issuer.token({ ...READS, sub: 'emp-9', employee: { number: 'emp-8' } });
    expect(await service.introspect(bySubject)).toEqual(INACTIVE);
  });

  it('or creates: the principal with the external id where there is one, else a new one', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, { provisioning: 'link_or_create' });
    const principal = await service.admin.createPrincipal({
      organization_id: organization.id,
      external_id: 'crm-11',
      scopes: ['read'],
    });
    const linked = await service.introspect(await issuer.token({ ...READS, sub: 'crm-11' }));
    expect(linked).toMatchObject({ sub: principal.id, scope: 'read' });
    const created = await service.introspect(await issuer.token({ ...READS, sub: 'crm-12' }));
    expect(created).toMatchObject({ active: true, scope: 'read write' });
    expect(created.sub).not.toBe(principal.id);
    const origins = (await service.admin.identitiesOf(trusted.id)).map(({ origin }) => origin);
    expect(origins.sort()).toEqual(['created', 'linked']);
  });

  it('finds the principal by its external id, and grants what both it and the issuer have', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, { provisioning: 'link' });
    const token = await issuer.token({ ...READS, sub: 'crm-7' });
    expect(await service.introspect(token)).toEqual(INACTIVE);
    const principal = await service.admin.createPrincipal({
      organization_id: organization.id,
      external_id: 'crm-7',
      scopes: ['read', 'delete'],
    });
    expect(await service.introspect(token)).toMatchObject({
      active: true,
      sub: principal.id,
      username: 'crm-7',
      scope: 'read',
    });
    await service.admin.patchPrincipal(principal.id, { scopes: ['write'] });
    expect((await service.introspect(token)).scope).toBe('write');
    expect((await service.admin.onlyIdentityOf(trusted.id)).origin).toBe('linked');
  });

  it('never reaches a principal of another organization, or of none', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, { provisioning: 'link' });
    const other = await service.admin.createOrganization('Other');
    await service.admin.createPrincipal({ organization_id: other.id, external_id: 'x-1' });
    await service.admin.createPrincipal({ external_id: 'x-1' });
    expect(await service.introspect(await issuer.token({ sub: 'x-1' }))).toEqual(INACTIVE);
    expect(await service.admin.identitiesOf(trusted.id)).toEqual([]);
  });

  it('gives the whole ceiling where the mapping says so, within what is granted', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      provisioning: 'link',
      mapping: { subject: '/sub', scopes: 'ceiling', type: 'service' },
    });
    const subject = 'system:serviceaccount:prod:exporter';
    const principal = {
      organization_id: organization.id,
      external_id: subject,
      scopes: ['read', 'x'],
    };
    await service.admin.createPrincipal(principal);
    const token = await issuer.token({ sub: subject, scope: null });
    expect((await service.introspect(token)).scope).toBe('read');
  });
});

describe('the mapping of a principal', () => {
  it('gives a new one its type, name and metadata by the first token, for good', async () => {
    await service.admin.patchTrustedIssuer(trusted.id, {
      mapping: {
        ...MAPPING,
        type: { claim: '/kind', map: { person: 'user' }, default: 'service' },
        name: '/profile/name',
        metadata: { department: '/profile/department', absent: '/nowhere' },
      },
    });
    const first = { kind: 'person', profile: { name: 'Ada', department: 'R&D' } };
    const { principal } = await service.introspect(await issuer.token({ sub: 'ada', ...first }));
    expect(principal).toMatchObject({ type: 'user', name: 'Ada', metadata: { department: 'R&D' } });
    expect(principal.metadata).not.toHaveProperty('absent');
    const later = { kind: 'x', profile: { name: 'Eve', department: 'Sales' } };
    const again = await service.introspect(await issuer.token({ sub: 'ada', ...later }));
    expect(again.principal).toMatchObject({
      subject: principal.subject,
      type: 'user',
      name: 'Ada',
    });
    expect(again.principal.metadata).toEqual({ department: 'R&D' });
  });
});

describe('the mapping of an organization', () => {
  it('keeps the same subject apart in each, and turns away what is not mapped', async () => {
    const two = await service.admin.createOrganization('Two');
    const multi = await FakeIssuer.start();
    const { id } = await service.admin.trustIssuer(multi.url, {
      scopes: ['read'],
      provisioning: 'create',
      target_audiences: [],
      mapping: { organization: { claim: '/org_id', map: { a: organization.id, b: two.id } } },
    });
    const inA = await service.introspect(await multi.token({ org_id: 'a' }));
    const inB = await service.introspect(await multi.token({ org_id: 'b' }));
    expect([inA.principal.organization, inB.principal.organization]).toEqual([
      organization.id,
      two.id,
    ]);
    expect(inA.sub).not.toBe(inB.sub);
    for (const org_id of ['c', null, ['a'], 'constructor']) {
      expect(await service.introspect(await multi.token({ org_id }))).toEqual(INACTIVE);
    }
    expect(await service.admin.identitiesOf(id)).toHaveLength(2);
    await multi.stop();
  });
});

describe('two first tokens at once', () => {
  it('make one identity and one principal', async () => {
    const [{ count: before }] = (await administer(
      service.databaseUrl,
      'SELECT count(*) FROM principals',
    )) as [Claims];
    const tokens = await Promise.all([issuer.token(), issuer.token(), issuer.token()]);
    const answers = await Promise.all(tokens.map((token) => service.introspect(token)));
    expect(new Set(answers.map(({ sub }) => sub)).size).toBe(1);
    const [{ count }] = (await administer(
      service.databaseUrl,
      'SELECT count(*) FROM principals',
    )) as [Claims];
    expect(Number(count)).toBe(Number(before) + 1);
  });
});

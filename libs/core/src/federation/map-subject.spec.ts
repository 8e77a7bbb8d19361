import { describe, expect, it } from '@jest/globals';
import type { ClaimMapping, ServiceSign } from '@countersign/contracts';
import { ORGANIZATION_ID } from '../../test/key-state.js';
import { trustedIssuerPolicy } from '../../test/trusted-issuer-policy.js';
import { mapSubject } from './map-subject.js';

const map = (
  claims: object,
  mapping: Partial<ClaimMapping> = {},
  organizationId: string | null = null,
) =>
  mapSubject(
    claims as Record<string, unknown>,
    trustedIssuerPolicy({
      mapping: { ...trustedIssuerPolicy().mapping, ...mapping },
      organizationId,
    }),
  );

describe('mapSubject', () => {
  it('reads the subject, and of all else what is mapped', () => {
    const claims = {
      sub: 'a|1',
      gty: 'client',
      email: 'a@x.example',
      mail: { ok: true },
      name: 'Ada',
    };
    const mapping: Partial<ClaimMapping> = {
      external_id: '/email',
      name: '/name',
      type: { claim: '/gty', map: { client: 'service' }, default: 'user' },
      metadata: { verified: '/mail/ok', absent: '/absent' },
    };
    expect(map(claims, mapping, ORGANIZATION_ID)).toMatchObject({
      subject: 'a|1',
      externalId: 'a@x.example',
      organizationId: ORGANIZATION_ID,
      type: 'service',
      name: 'Ada',
      metadata: { verified: true },
    });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['a number', 7],
    ['with NUL', 'a\0'],
    ['with a C1 control character', 'a\u0085'],
    ['with a lone surrogate', 'a\ud800'],
    ['too long', 'a'.repeat(256)],
    ['like the hash of a secret', '$argon2id$v=19$x'],
  ])('is null for a subject that is %s', (_what, sub) => {
    expect(map({ sub })).toBeNull();
    expect(map({ sub: 'good', email: sub }, { external_id: '/email' })).toBeNull();
  });

  it('takes the first of several claims that is there, whether or not it is usable', () => {
    const subject = ['/uid', '/sub'];
    expect(map({ uid: 'u1', sub: 'a' }, { subject })?.subject).toBe('u1');
    expect(map({ sub: 'a' }, { subject })?.subject).toBe('a');
    for (const uid of [null, '', 7]) expect(map({ uid, sub: 'a' }, { subject })).toBeNull();
    const name = ['/name', '/mail'];
    expect(map({ sub: 'a', mail: 'a@x.example' }, { name })?.name).toBe('a@x.example');
  });

  it.each<[string, ServiceSign, object]>([
    ['a claim has a value', { claim: '/gty', is: 'client' }, { gty: 'client' }],
    ['two are the same', { claim: '/sub', same_as: '/cid' }, { sub: 'a', cid: 'a' }],
    [
      'one is the other with a suffix',
      { claim: '/sub', same_as: '/cid', suffix: '@c' },
      { sub: 'a@c', cid: 'a' },
    ],
  ])('knows a service by it that %s', (_what, sign, claims) => {
    const type = { service_when: [{ claim: '/never', is: 'there' }, sign] };
    expect(map({ sub: 'a', ...claims }, { type })?.type).toBe('service');
  });

  it.each<[string, ServiceSign, object]>([
    ['another value', { claim: '/gty', is: 'client' }, { gty: 'clients' }],
    ['an array with the value', { claim: '/gty', is: 'client' }, { gty: ['client'] }],
    ['two other values', { claim: '/sub', same_as: '/cid' }, { cid: 'b' }],
    ['neither claim', { claim: '/x', same_as: '/y' }, {}],
    ['the word for no claim', { claim: '/x', same_as: '/y' }, { x: 'undefined' }],
    ['two numbers', { claim: '/x', same_as: '/y' }, { x: 1, y: 1 }],
    ['no suffix', { claim: '/sub', same_as: '/cid', suffix: '@c' }, { cid: 'a' }],
    ['a suffix too many', { claim: '/sub', same_as: '/cid' }, { sub: 'a@c', cid: 'a' }],
  ])('takes for a user what has %s', (_what, sign, claims) => {
    expect(map({ sub: 'a', ...claims }, { type: { service_when: [sign] } })?.type).toBe('user');
  });

  it('turns away an organization that is not mapped, and never falls back to none', () => {
    const organization = { claim: '/org', map: { acme: ORGANIZATION_ID } };
    expect(map({ sub: 'a', org: 'acme' }, { organization })?.organizationId).toBe(ORGANIZATION_ID);
    for (const org of ['other', 'toString', '__proto__', undefined, null, ['acme']]) {
      expect(map({ sub: 'a', org }, { organization })).toBeNull();
    }
  });

  it('turns away metadata of more than 1 KiB', () => {
    expect(map({ sub: 'a', x: 'x'.repeat(1100) }, { metadata: { x: '/x' } })).toBeNull();
  });

  it('turns away metadata that is nested as deeply as a token can hold', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 3_000; depth += 1) nested = [nested];
    expect(map({ sub: 'a', x: nested }, { metadata: { x: '/x' } })).toBeNull();
    let fitting: unknown = 1;
    for (let depth = 0; depth < 500; depth += 1) fitting = [fitting];
    expect(map({ sub: 'a', x: fitting }, { metadata: { x: '/x' } })).not.toBeNull();
  });

  it('takes the subject for a name that cannot be one, and the default for an unknown type', () => {
    const type = { claim: '/t', map: {}, default: 'service' } as const;
    expect(map({ sub: 'a', name: 'x\ny', t: 'toString' }, { name: '/name', type })).toMatchObject({
      name: 'a',
      type: 'service',
    });
  });
});

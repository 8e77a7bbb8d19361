import { describe, expect, it } from '@jest/globals';
import { checkRestrictions } from './check-restrictions.js';
import { ACCEPTED, rejected } from './rejection.js';

const restrictions = { ips: ['10.0.0.0/8'], methods: ['GET'], paths: ['/a/*'] };
const context = { ip: '10.1.2.3', method: 'GET', path: '/a/b' };

describe('checkRestrictions', () => {
  it('accepts when there are none', () => {
    expect(checkRestrictions(undefined)).toBe(ACCEPTED);
    expect(checkRestrictions({}, {})).toBe(ACCEPTED);
  });

  it('accepts when every list is satisfied', () => {
    expect(checkRestrictions(restrictions, context)).toBe(ACCEPTED);
  });

  it.each([
    ['ip', 'ip_not_allowed'],
    ['method', 'method_not_allowed'],
    ['path', 'path_not_allowed'],
  ] as const)('is not satisfied when the %s is not known', (member, code) => {
    expect(checkRestrictions(restrictions, { ...context, [member]: undefined })).toBe(
      rejected(code),
    );
  });

  it('is not satisfied without a context', () => {
    expect(checkRestrictions(restrictions)).toBe(rejected('ip_not_allowed'));
  });

  it.each([
    [{ ip: '11.1.2.3' }, 'ip_not_allowed'],
    [{ method: 'POST' }, 'method_not_allowed'],
    [{ method: 'get' }, 'method_not_allowed'],
    [{ method: 'GET ' }, 'method_not_allowed'],
    [{ method: 'HEAD' }, 'method_not_allowed'],
    [{ path: '/b' }, 'path_not_allowed'],
  ] as const)('is not satisfied by %j', (change, code) => {
    expect(checkRestrictions(restrictions, { ...context, ...change })).toBe(rejected(code));
  });

  it('asks for nothing that is not restricted', () => {
    expect(checkRestrictions({ methods: ['GET'] }, { method: 'GET' })).toBe(ACCEPTED);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { narrowScopes } from './narrow-scopes.js';

const ALL = () => true;
const HELD = ['delete:users', 'read:users', 'write:users'];

describe('narrowScopes', () => {
  it('gives all that are held when none was asked for', () => {
    expect(narrowScopes(undefined, HELD, ALL)).toEqual({ ok: true, scopes: HELD });
    expect(narrowScopes(undefined, [], ALL)).toEqual({ ok: true, scopes: [] });
  });

  it('leaves out, when none was asked for, what the audience does not define', () => {
    const defines = (scope: string) => scope === 'read:users' || scope === 'read:invoices';
    expect(narrowScopes(undefined, HELD, defines)).toEqual({ ok: true, scopes: ['read:users'] });
  });

  it('gives those that were asked for, sorted, each once', () => {
    const asked = 'write:users read:users write:users';
    const scopes = ['read:users', 'write:users'];
    expect(narrowScopes(asked, HELD, ALL)).toEqual({ ok: true, scopes });
  });

  it('refuses a scope that is not held, rather than to leave it out', () => {
    const refused = narrowScopes('read:users read:invoices', HELD, ALL);
    expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('read:invoices') });
  });

  it('refuses a scope that is held and that the audience has no use for', () => {
    const defines = (scope: string) => scope === 'read:users';
    expect(narrowScopes('write:users', HELD, defines)).toMatchObject({ ok: false });
  });

  it.each([
    '',
    ' ',
    ' read:users',
    'read:users ',
    'read:users  write:users',
    'read:users\twrite:users',
    'read:"users"',
    'r\\w',
    'é',
    'read:users\n',
  ])('refuses what is not scope tokens with one space in between: %p', (asked) => {
    const refused = narrowScopes(asked, [...HELD, asked, ...asked.split(' ')], ALL);
    expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('scope tokens') });
  });

  it('compares exactly: neither a prefix nor a wildcard nor another case', () => {
    for (const asked of ['read', 'read:*', '*', 'READ:USERS']) {
      expect(narrowScopes(asked, HELD, ALL)).toMatchObject({ ok: false });
    }
  });

  it('never gives more than what is held, defined and asked for', () => {
    const scope = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const scopes = fc.uniqueArray(scope);
    fc.assert(
      fc.property(
        scopes,
        scopes,
        fc.option(fc.array(scope, { minLength: 1 })),
        (held, defined, asked) => {
          const defines = (one: string) => defined.some((other) => other === one);
          const narrowed = narrowScopes(asked?.join(' '), held, defines);
          const available = held.filter(defines);
          if (asked === null) return expect(narrowed).toEqual({ ok: true, scopes: available });
          const isHeld = asked.every((one) => available.includes(one));
          expect(narrowed.ok).toBe(isHeld);
          if (narrowed.ok) expect(narrowed.scopes).toEqual([...new Set(asked)].sort());
        },
      ),
    );
  });
});

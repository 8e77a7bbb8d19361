import { describe, expect, it } from '@jest/globals';
import {
  type AccessTokenClaims,
  REVOCATION_TYPES,
  type RevocationEntry,
} from '@countersign/contracts';
import fc from 'fast-check';
import { type RevocationId, revocationIdsOf } from './revocation-ids-of.js';
import { RevocationSet } from './revocation-set.js';

const NOW = 1_790_000_000;
const KEY: RevocationId = { type: 'credential', id: 'key_1' };

function entry(position: number, overrides: Partial<RevocationEntry> = {}): RevocationEntry {
  return { position, ...KEY, final: true, expires_at: NOW + 300, ...overrides };
}

function setOf(...entries: RevocationEntry[]): RevocationSet {
  const set = new RevocationSet();
  for (const each of entries) set.add(each);
  return set;
}

describe('RevocationSet', () => {
  it('hits what was issued before the entry, and nothing that was issued since', () => {
    const set = setOf(entry(10));
    expect(set.hit([KEY], 9, NOW)).toBe('final');
    expect(set.hit([KEY], 10, NOW)).toBeUndefined();
    expect(set.hit([{ type: 'credential', id: 'key_2' }], 9, NOW)).toBeUndefined();
  });

  it.each(['jti', 'kid'] as const)('hits by a %s whenever it was issued', (type) => {
    const set = setOf(entry(10, { type, id: 'one' }));
    expect(set.hit([{ type, id: 'one' }], 99, NOW)).toBe('final');
  });

  it('takes the same id of another type for another', () => {
    const set = setOf(entry(10, { type: 'role', id: 'one' }));
    expect(set.hit([{ type: 'principal', id: 'one' }], 0, NOW)).toBeUndefined();
  });

  it('lets what is final outweigh what is not, in whichever order they came', () => {
    const [dead, less] = [entry(10), entry(20, { final: false })];
    for (const set of [setOf(dead, less), setOf(less, dead)]) {
      expect([5, 15, 25].map((pos) => set.hit([KEY], pos, NOW))).toEqual([
        'final',
        'changed',
        undefined,
      ]);
    }
  });

  it('waits for the moment from which an entry holds', () => {
    const set = setOf(entry(10, { effective_at: NOW + 60 }));
    expect(set.hit([KEY], 0, NOW + 59)).toBeUndefined();
    expect(set.hit([KEY], 0, NOW + 60)).toBe('final');
  });

  it('never loses an earlier end to a later one', () => {
    const [early, late] = [
      entry(10, { effective_at: NOW + 10 }),
      entry(20, { effective_at: NOW + 60 }),
    ];
    for (const set of [setOf(early, late), setOf(late, early)]) {
      expect(set.hit([KEY], 5, NOW + 10)).toBe('final');
      expect(set.hit([KEY], 15, NOW + 10)).toBeUndefined();
      expect(set.hit([KEY], 15, NOW + 60)).toBe('final');
    }
  });

  it('holds one entry of an id that was revoked again and again', () => {
    const set = new RevocationSet();
    for (let position = 1; position <= 100; position += 1) set.add(entry(position));
    expect(set.size).toBe(1);
    expect(set.hit([KEY], 99, NOW)).toBe('final');
  });

  it('has another version after each entry that makes a difference, and only then', () => {
    const set = new RevocationSet();
    const versionAfter = (act: () => void) => {
      act();
      return set.version;
    };
    expect(versionAfter(() => set.add(entry(10)))).toBe(1);
    expect(versionAfter(() => set.add(entry(10)))).toBe(1);
    expect(versionAfter(() => set.add(entry(9, { expires_at: NOW + 900 })))).toBe(1);
    expect(versionAfter(() => set.add(entry(11)))).toBe(2);
    expect(versionAfter(() => set.clear())).toBe(3);
  });

  it('tells when the next entry takes effect', () => {
    const set = setOf(
      entry(10, { effective_at: NOW + 60 }),
      entry(11, { id: 'key_2', effective_at: NOW + 20 }),
      entry(12, { id: 'key_3' }),
    );
    expect(set.nextEffectiveAt).toBe(NOW + 20);
    set.prune(NOW + 20);
    expect(set.nextEffectiveAt).toBe(NOW + 60);
    set.prune(NOW + 60);
    expect(set.nextEffectiveAt).toBe(Infinity);
  });

  it('drops an entry once it has expired, and forgets all when it is told to', () => {
    const set = setOf(entry(10), entry(11, { id: 'key_2', expires_at: NOW + 301 }));
    set.prune(NOW + 300);
    expect(set.size).toBe(2);
    set.prune(NOW + 301);
    expect([set.size, set.hit([KEY], 0, NOW)]).toEqual([1, undefined]);
    set.clear();
    expect([set.size, set.hit([{ type: 'credential', id: 'key_2' }], 0, NOW)]).toEqual([
      0,
      undefined,
    ]);
  });

  it('says of claims what it says of all that they name', () => {
    const claims: AccessTokenClaims = {
      iss: 'https://auth.example.com',
      sub: 'a',
      aud: ['c', 'd'],
      client_id: 'x',
      iat: 1,
      exp: 2,
      jti: 'e',
      name: 'Job',
      principal_type: 'service',
      env: 'live',
      cid: 'a.b',
      org: 'f',
      roles: ['c', 'g'],
      act: { sub: 'b', org: 'g', cid: 'c.d' },
      derived_from: ['h', 'a'],
      pos: 5,
    };
    const entries = fc.record({
      position: fc.integer({ min: 1, max: 9 }),
      type: fc.constantFrom(...REVOCATION_TYPES),
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'a.b', 'c.d', 'kid'),
      final: fc.boolean(),
      expires_at: fc.constant(NOW + 1),
    });
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 6 }), (added) => {
        const set = setOf(...added);
        const expected = set.hit(revocationIdsOf(claims, 'kid'), 5, NOW);
        expect(set.hitOf(claims, 'kid', NOW)).toBe(expected);
      }),
      { numRuns: 500 },
    );
    const { pos: _, ...withoutPosition } = claims;
    expect(setOf(entry(1, { id: 'a' })).hitOf(withoutPosition, 'kid', NOW)).toBe('final');
  });

  it('says of every token what all entries say that were ever added, pruned or not', () => {
    const ids = ['a', 'b'];
    const entries = fc.record({
      position: fc.integer({ min: 1, max: 12 }),
      type: fc.constantFrom(...REVOCATION_TYPES),
      id: fc.constantFrom(...ids),
      final: fc.boolean(),
      effective_at: fc.option(fc.integer({ min: NOW - 3, max: NOW + 12 }), { nil: undefined }),
      expires_at: fc.integer({ min: NOW, max: NOW + 20 }),
    });
    const tokens = fc.record({
      ids: fc.uniqueArray(
        fc.record({ type: fc.constantFrom(...REVOCATION_TYPES), id: fc.constantFrom(...ids) }),
        { selector: ({ type, id }) => `${type} ${id}`, minLength: 1 },
      ),
      pos: fc.integer({ min: 0, max: 13 }),
    });
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ add: entries }) },
        fc.record({ pass: fc.integer({ min: 1, max: 5 }), prune: fc.boolean() }),
        { weight: 3, arbitrary: fc.record({ ask: tokens }) },
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (taken) => {
        const set = new RevocationSet();
        const added: RevocationEntry[] = [];
        let now = NOW;
        for (const step of taken) {
          if ('add' in step) {
            const { effective_at, ...rest } = step.add;
            const each = { ...rest, ...(effective_at !== undefined && { effective_at }) };
            added.push(each);
            set.add(each);
          } else if ('pass' in step) {
            now += step.pass;
            if (step.prune) set.prune(now);
          } else {
            const { ids: asked, pos } = step.ask;
            const hit = set.hit(asked, pos, now);
            const alive = added.filter(({ expires_at }) => expires_at >= now);
            // One that has expired may still be held, and hits nothing that is alive.
            const least = naiveHit(alive, asked, pos, now);
            const most = naiveHit(added, asked, pos, now);
            expect(RANK[least ?? 'none']).toBeLessThanOrEqual(RANK[hit ?? 'none']);
            expect(RANK[hit ?? 'none']).toBeLessThanOrEqual(RANK[most ?? 'none']);
          }
        }
        expect(set.size).toBeLessThanOrEqual(added.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

const RANK = { none: 0, changed: 1, final: 2 } as const;

function naiveHit(
  entries: readonly RevocationEntry[],
  ids: readonly RevocationId[],
  pos: number,
  now: number,
) {
  const hits = entries.filter(
    (each) =>
      ids.some(({ type, id }) => type === each.type && id === each.id) &&
      (each.type === 'jti' || each.type === 'kid' || pos < each.position) &&
      (each.effective_at ?? 0) <= now,
  );
  if (hits.length === 0) return undefined;
  return hits.some(({ final }) => final) ? 'final' : 'changed';
}

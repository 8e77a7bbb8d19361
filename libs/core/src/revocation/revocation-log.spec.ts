import { describe, expect, it } from '@jest/globals';
import { NOW_MS } from '../../test/key-state.js';
import type { Change } from '../changes/change.js';
import type { Revocation } from './revocation.js';
import { type RevocationFilter, RevocationLog } from './revocation-log.js';

const IN_A_MINUTE = NOW_MS / 1000 + 60;
const ALL: RevocationFilter = { limit: 100 };

function revocation(position: number, overrides: Partial<Revocation> = {}): Revocation {
  return {
    position,
    type: 'jti',
    id: `jti-${position}`,
    final: true,
    effectiveAt: null,
    expiresAt: IN_A_MINUTE,
    audiences: null,
    organizationId: null,
    ...overrides,
  };
}

function changeTo(taken: Revocation): Change {
  return { position: taken.position, kind: 'revocation', subject: taken.id, revocation: taken };
}

function changeOf(position: number): Change {
  return { position, kind: 'api_key', subject: 'key_1', revocation: null };
}

function emptyLog(): RevocationLog {
  return new RevocationLog(async () => ({ position: 0, revocations: [] }));
}

function logOf(...revocations: Revocation[]): RevocationLog {
  const log = emptyLog();
  for (const each of revocations) log.apply(changeTo(each));
  return log;
}

function idsAfter(log: RevocationLog, position: number, filter: Partial<RevocationFilter> = {}) {
  const { revocations } = log.entriesAfter(position, { ...ALL, ...filter });
  return revocations.map(({ id }) => id);
}

describe('RevocationLog', () => {
  it('knows a token as soon as its revocation was applied, and nothing else by that id', () => {
    const log = logOf(revocation(2, { type: 'role', id: 'one' }));
    expect(log.has('one')).toBe(false);
    log.apply(changeTo(revocation(3, { id: 'one' })));
    expect([log.has('one'), log.has('another')]).toEqual([true, false]);
  });

  it('gives everything after a position, in order, and where to go on', () => {
    const log = logOf(revocation(2), revocation(5), revocation(6));
    log.apply(changeOf(9));
    expect(log.entriesAfter(2, ALL)).toEqual({
      revocations: [revocation(5), revocation(6)],
      position: 9,
      more: false,
    });
    expect(idsAfter(log, -1)).toEqual(['jti-2', 'jti-5', 'jti-6']);
    expect(idsAfter(log, 4)).toEqual(['jti-5', 'jti-6']);
    expect(log.entriesAfter(9, ALL)).toEqual({ revocations: [], position: 9, more: false });
  });

  it('gives as many as are asked for, and loses none between the parts', () => {
    const all = [3, 4, 7, 8, 9].map((position) => revocation(position));
    const log = logOf(...all);
    const parts: number[] = [];
    const seen: Revocation[] = [];
    let position = 0;
    for (;;) {
      const part = log.entriesAfter(position, { limit: 2 });
      parts.push(part.revocations.length);
      seen.push(...part.revocations);
      position = part.position;
      if (!part.more) break;
    }
    expect([parts, seen, position]).toEqual([[2, 2, 1], all, 9]);
  });

  it('says that there is more only where something follows that concerns the asker', () => {
    const log = logOf(revocation(1), revocation(2), revocation(3, { audiences: ['https://b'] }));
    const filter = { audience: 'https://a', limit: 2 };
    expect(log.entriesAfter(0, filter)).toMatchObject({ position: 3, more: false });
  });

  it('leaves out what can hit no token for the audience', () => {
    const log = logOf(
      revocation(1, { audiences: ['https://a', 'https://b'] }),
      revocation(2, { audiences: ['https://b'] }),
      revocation(3),
    );
    expect(idsAfter(log, 0, { audience: 'https://a' })).toEqual(['jti-1', 'jti-3']);
  });

  it("leaves out other organizations' affairs, and never those of all", () => {
    const log = logOf(
      revocation(1, { organizationId: 'org_1' }),
      revocation(2, { organizationId: 'org_2' }),
      revocation(3),
    );
    expect(idsAfter(log, 0, { organizationId: 'org_1' })).toEqual(['jti-1', 'jti-3']);
  });

  it('tells of each position in its order, with the revocation there', () => {
    const log = emptyLog();
    const told: unknown[] = [];
    const end = log.subscribe({
      applied: (position, taken) => told.push([position, taken, log.position, log.size]),
      reset: () => told.push('reset'),
    });
    log.apply(changeOf(1));
    log.apply(changeTo(revocation(2)));
    end();
    log.apply(changeOf(3));
    expect(told).toEqual([
      [1, null, 1, 0],
      [2, revocation(2), 2, 1],
    ]);
  });

  it('takes in once what was committed while it was loading, and comes as a change after that', async () => {
    const log = new RevocationLog(async () => ({
      position: 4,
      revocations: [revocation(1), revocation(3)],
    }));
    const told: unknown[] = [];
    await log.reset();
    log.subscribe({ applied: (position) => told.push(position), reset: () => told.push('reset') });
    for (const position of [2, 3, 4, 5]) log.apply(changeTo(revocation(position)));
    expect(idsAfter(log, 0)).toEqual(['jti-1', 'jti-3', 'jti-5']);
    expect(told).toEqual([5]);
  });

  it('forgets what a database that was set back no longer has, and says so', async () => {
    let stored = { position: 9, revocations: [revocation(8)] };
    const log = new RevocationLog(async () => stored);
    await log.reset();
    const told: unknown[] = [];
    log.subscribe({ applied: (position) => told.push(position), reset: () => told.push('reset') });
    stored = { position: 5, revocations: [revocation(4)] };
    await log.reset();
    expect([log.has('jti-8'), log.has('jti-4'), log.position]).toEqual([false, true, 5]);
    log.apply(changeTo(revocation(6)));
    expect(told).toEqual(['reset', 6]);
  });

  it('keeps what it knows when it cannot be loaded', async () => {
    const log = new RevocationLog(() => Promise.reject(new Error('no database')));
    log.apply(changeTo(revocation(1)));
    await expect(log.reset()).rejects.toThrow('no database');
    expect([log.has('jti-1'), log.position]).toEqual([true, 1]);
  });

  it('drops what has expired, wherever it stands, and nothing before', () => {
    const log = logOf(revocation(1, { expiresAt: IN_A_MINUTE + 9 }), revocation(2), revocation(3));
    log.prune(IN_A_MINUTE * 1000);
    expect(log.size).toBe(3);
    log.prune(IN_A_MINUTE * 1000 + 1);
    expect([log.size, log.has('jti-1'), log.has('jti-2'), log.position]).toEqual([
      1,
      true,
      false,
      3,
    ]);
  });

  it('knows a token for as long as the last revocation by its id, in whatever order they came', () => {
    const lasting = { id: 'again', expiresAt: IN_A_MINUTE + 60 };
    for (const ends of [
      [{ id: 'again' }, lasting],
      [lasting, { id: 'again' }],
    ]) {
      const log = logOf(...ends.map((each, index) => revocation(index + 1, each)));
      log.prune(IN_A_MINUTE * 1000 + 1);
      expect([log.size, log.has('again')]).toEqual([1, true]);
      log.prune((IN_A_MINUTE + 60) * 1000 + 1);
      expect([log.size, log.has('again')]).toEqual([0, false]);
    }
  });

  it('holds the audiences and the organization of many tokens once', () => {
    const log = logOf(
      ...[1, 2].map((position) =>
        revocation(position, { audiences: ['https://a', 'https://b'].slice() }),
      ),
    );
    const [first, second] = log.entriesAfter(0, ALL).revocations;
    expect(first?.audiences).toBe(second?.audiences);
  });
});

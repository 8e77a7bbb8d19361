import { describe, expect, it } from '@jest/globals';
import { Database } from '../../test/database.js';
import { ISSUER, KEY_ID, keyState, NOW_MS } from '../../test/key-state.js';
import type { KeySlot } from './key-slot.js';
import { KeyStates } from './key-states.js';

const CAPACITY = 4;
const SECOND_MS = 1_000;

/** A memory with room for four, of a database with twenty versions. */
function smallMemory() {
  const database = new Database();
  for (let i = 0; i < 20; i += 1) {
    database.rows.set(`v${i}`, keyState({ versionId: `v${i}`, keyId: `key_${i}` }));
  }
  const states = new KeyStates({
    readKeyState: database.readKeyState,
    issuer: ISSUER,
    capacity: CAPACITY,
  });
  database.follow(states);
  const load = async (versionId: string): Promise<KeySlot> => {
    const found = await states.find(versionId);
    if (found === null) throw new Error(`no ${versionId}`);
    return found.slot;
  };
  const loadRange = async (from: number, to: number) => {
    for (let i = from; i <= to; i += 1) await load(`v${i}`);
  };
  return { database, states, load, loadRange };
}

describe('eviction', () => {
  it('leaves neither the digest of a key nor its state reachable', async () => {
    const { states, load, loadRange } = smallMemory();
    const slot = await load('v0');
    states.rememberMatch(slot, 'digest of v0', 'hash');
    expect(states.byDigest('digest of v0')).toBe(slot);
    await loadRange(1, CAPACITY);
    expect(states.size).toBe(CAPACITY);
    expect(states.byDigest('digest of v0')).toBeUndefined();
    expect(slot.state).toBeUndefined();
  });

  it('is for good: a place that was evicted is not entered again', async () => {
    const { states, load, loadRange } = smallMemory();
    const slot = await load('v0');
    await loadRange(1, CAPACITY);
    states.rememberMatch(slot, 'digest of v0', 'hash');
    expect(states.byDigest('digest of v0')).toBeUndefined();
    expect(await load('v0')).not.toBe(slot);
    states.rememberMatch(slot, 'digest of v0', 'hash');
    expect(states.byDigest('digest of v0')).toBeUndefined();
    expect(slot.state).toBeUndefined();
  });

  it('spares what is in use', async () => {
    const { states, load } = smallMemory();
    const inUse = await load('v0');
    for (let i = 1; i < 20; i += 1) {
      states.touch(inUse, NOW_MS + i * SECOND_MS);
      await load(`v${i}`);
    }
    expect(inUse.state).toBeDefined();
  });

  it('one place has one digest: a newer one takes the place of the one before', async () => {
    const { states, load } = smallMemory();
    const slot = await load('v0');
    states.rememberMatch(slot, 'one digest', 'hash');
    states.rememberMatch(slot, 'another digest', 'hash');
    states.rememberMatch(slot, 'another digest', 'hash');
    expect(states.byDigest('one digest')).toBeUndefined();
    expect(states.byDigest('another digest')).toBe(slot);
  });
});

describe('takeUses', () => {
  it('hands over when each key was last used, once', async () => {
    const { states, load } = smallMemory();
    const [one, other] = [await load('v0'), await load('v1')];
    states.touch(one, NOW_MS);
    states.touch(one, NOW_MS + 2);
    states.touch(other, NOW_MS + 1);
    await load('v2');
    expect(states.takeUses()).toEqual(
      new Map([
        ['key_0', new Date(NOW_MS + 2)],
        ['key_1', new Date(NOW_MS + 1)],
      ]),
    );
    expect(states.takeUses().size).toBe(0);
    states.touch(one, NOW_MS + 3);
    expect(states.takeUses()).toEqual(new Map([['key_0', new Date(NOW_MS + 3)]]));
  });

  it('counts the uses of all versions of a key as its own, and the latest of them', async () => {
    const { database, states, load } = smallMemory();
    for (const versionId of ['v0', 'v1']) {
      database.rows.set(versionId, keyState({ versionId, keyId: KEY_ID }));
    }
    states.touch(await load('v0'), NOW_MS + 5);
    states.touch(await load('v1'), NOW_MS);
    expect(states.takeUses()).toEqual(new Map([[KEY_ID, new Date(NOW_MS + 5)]]));
  });

  it.each([
    ['evicted', ({ loadRange }: ReturnType<typeof smallMemory>) => loadRange(1, CAPACITY)],
    [
      'changed',
      ({ database }: ReturnType<typeof smallMemory>) => database.announce('api_key', 'key_0'),
    ],
    ['reset', async ({ states }: ReturnType<typeof smallMemory>) => states.reset()],
    ['deleted', ({ database }: ReturnType<typeof smallMemory>) => database.delete('v0', 'key_0')],
  ])('loses no use of a key that was %s since', async (_how, happen) => {
    const memory = smallMemory();
    memory.states.touch(await memory.load('v0'), NOW_MS);
    await happen(memory);
    expect(memory.states.takeUses()).toEqual(new Map([['key_0', new Date(NOW_MS)]]));
  });
});

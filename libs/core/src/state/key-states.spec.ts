import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ChangeKind } from '../changes/change.js';
import { Database } from '../../test/database.js';
import {
  IDENTITY_ID,
  identityState,
  ISSUER,
  KEY_ID,
  keyState,
  NOW_MS,
  ORGANIZATION_ID,
  PRINCIPAL_ID,
  ROLE_ID,
  TRUSTED_ISSUER_ID,
  VERSION_ID,
} from '../../test/key-state.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { KeySlot } from './key-slot.js';
import { KeyStates } from './key-states.js';

function memoryOf(database: Database, capacity = 100): KeyStates {
  const states = new KeyStates({ readKeyState: database.readKeyState, issuer: ISSUER, capacity });
  database.follow(states);
  return states;
}

async function slotOf(states: KeyStates, versionId: string): Promise<KeySlot> {
  const found = await states.find(versionId);
  if (found === null) throw new Error(`no ${versionId}`);
  return found.slot;
}

describe('KeyStates', () => {
  it('reads a version once, and from then on answers from memory, synchronously', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const found = await states.find(VERSION_ID);
    expect(found?.state).toEqual(keyState());
    expect(states.find(VERSION_ID)).toEqual(found);
    expect(database.reads).toHaveLength(1);
  });

  it('shares one reading among all that ask at the same time', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const all = await Promise.all(Array.from({ length: 50 }, () => states.find(VERSION_ID)));
    expect(database.reads).toHaveLength(1);
    expect(new Set(all).size).toBe(1);
  });

  it.each<[ChangeKind, string]>([
    ['api_key_version', VERSION_ID],
    ['api_key', KEY_ID],
    ['principal', PRINCIPAL_ID],
    ['organization', ORGANIZATION_ID],
    ['role', ROLE_ID],
  ])('reads anew after a change of its %s', async (kind, subject) => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const slot = await slotOf(states, VERSION_ID);
    await database.update(VERSION_ID, kind, subject, { principalName: 'renamed' });
    expect(slot.state).toBeUndefined();
    expect((await states.find(VERSION_ID))?.state.principalName).toBe('renamed');
    expect(await slotOf(states, VERSION_ID)).toBe(slot);
  });

  it('reads nothing anew for a change of anything else', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    await states.find(VERSION_ID);
    await database.announce('role', 'rol_another');
    await database.announce('api_key', 'key_another');
    await database.revoke('a jti');
    await states.find(VERSION_ID);
    expect(database.reads).toHaveLength(1);
  });

  it('depends no longer on a role that the principal has no more', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    await states.find(VERSION_ID);
    await database.update(VERSION_ID, 'principal', PRINCIPAL_ID, { roleIds: ['rol_new'] });
    await states.find(VERSION_ID);
    await database.announce('role', ROLE_ID);
    await states.find(VERSION_ID);
    expect(database.reads).toHaveLength(2);
    await database.announce('role', 'rol_new');
    await states.find(VERSION_ID);
    expect(database.reads).toHaveLength(3);
  });

  it('forgets a version that was deleted', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const slot = await slotOf(states, VERSION_ID);
    await database.delete(VERSION_ID, KEY_ID);
    expect(slot.state).toBeUndefined();
    await expect(states.find(VERSION_ID)).resolves.toBeNull();
  });

  it('a reading that a change overtook is never kept', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const reading = states.find(VERSION_ID);
    await database.update(VERSION_ID, 'api_key', KEY_ID, { keyStatus: 'revoked' });
    expect((await reading)?.state).toMatchObject({ keyStatus: 'revoked' });
    expect(database.reads).toHaveLength(2);
  });

  it('gives up, as unavailable, when changes overtake one reading after another', async () => {
    const database = new Database();
    let storm = true;
    const states = new KeyStates({
      readKeyState: async (versionId) => {
        const reading = await database.readKeyState(versionId);
        if (storm) await database.announce('api_key', KEY_ID);
        return reading;
      },
      issuer: ISSUER,
      capacity: 100,
    });
    database.follow(states);
    await database.insert(keyState());
    await expect(states.find(VERSION_ID)).rejects.toThrow(DependencyUnavailable);
    expect(database.reads).toHaveLength(3);
    storm = false;
    await expect(states.find(VERSION_ID)).resolves.not.toBeNull();
  });

  it.each([
    ['rejects', () => Promise.reject(new DependencyUnavailable('database'))],
    [
      'throws',
      () => {
        throw new DependencyUnavailable('database');
      },
    ],
  ])('remembers nothing of a reading that %s', async (_how, fail) => {
    const database = new Database();
    let failing = true;
    const states = new KeyStates({
      readKeyState: (versionId) => (failing ? fail() : database.readKeyState(versionId)),
      issuer: ISSUER,
      capacity: 100,
    });
    await database.insert(keyState());
    const together = [states.find(VERSION_ID), states.find(VERSION_ID)];
    for (const one of together) await expect(one).rejects.toThrow(DependencyUnavailable);
    failing = false;
    await expect(states.find(VERSION_ID)).resolves.not.toBeNull();
  });

  it('reset() empties everything, and outdates the readings that are under way', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(keyState());
    const slot = await slotOf(states, VERSION_ID);
    await expect(states.find('unknown')).resolves.toBeNull();
    states.reset();
    expect(slot.state).toBeUndefined();
    const underWay = [states.find(VERSION_ID), states.find('unknown')];
    database.rows.set(VERSION_ID, keyState({ keyStatus: 'revoked' }));
    database.rows.set('unknown', keyState({ versionId: 'unknown' }));
    states.reset(); // what happened meanwhile was never announced
    const [one, other] = await Promise.all(underWay);
    expect(one?.state).toMatchObject({ keyStatus: 'revoked' });
    expect(other).not.toBeNull();
  });
});

describe('what does not exist, in the memory of KeyStates', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is remembered, and read again once the version is created', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await expect(states.find(VERSION_ID)).resolves.toBeNull();
    expect(states.find(VERSION_ID)).toBeNull();
    expect(database.reads).toHaveLength(1);
    await database.insert(keyState());
    await expect(states.find(VERSION_ID)).resolves.not.toBeNull();
  });

  it('is remembered for a minute at most', async () => {
    const now = jest.spyOn(performance, 'now');
    // The cache asks for the time at most once a millisecond.
    const goTo = (ms: number) => {
      now.mockReturnValue(ms);
      return new Promise((resolve) => setTimeout(resolve, 5));
    };
    const database = new Database();
    const states = memoryOf(database);
    await goTo(1_000);
    await states.find('unknown');
    await goTo(60_900);
    expect(states.find('unknown')).toBeNull();
    await goTo(61_100);
    await states.find('unknown');
    expect(database.reads).toHaveLength(2);
  });

  it('takes a bounded place of its own: a flood of unknown ids drives out no key', async () => {
    const database = new Database();
    const states = memoryOf(database, 10);
    await database.insert(keyState());
    await states.find(VERSION_ID);
    for (let i = 0; i < 3_000; i += 1) void states.find(`unknown${i}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(states.find(VERSION_ID)).not.toBeInstanceOf(Promise);
    expect(states.size).toBe(1);
    expect(states.find('unknown2999')).toBeNull();
    expect(states.find('unknown0')).toBeInstanceOf(Promise);
  });
});

describe('federated identities in the memory of KeyStates', () => {
  it.each<[ChangeKind, string]>([
    ['federated_identity', IDENTITY_ID],
    ['trusted_issuer', TRUSTED_ISSUER_ID],
    ['principal', PRINCIPAL_ID],
    ['organization', ORGANIZATION_ID],
    ['role', ROLE_ID],
  ])('are read anew after a change of their %s', async (kind, subject) => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(identityState());
    const slot = await slotOf(states, IDENTITY_ID);
    expect(states.find(IDENTITY_ID)).toMatchObject({ slot });
    await database.update(IDENTITY_ID, kind, subject, { issuerStatus: 'disabled' });
    expect(slot.state).toBeUndefined();
    expect((await states.find(IDENTITY_ID))?.state).toMatchObject({ issuerStatus: 'disabled' });
  });

  it('are never kept as they were before a change that overtook the reading', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(identityState());
    const reading = states.find(IDENTITY_ID);
    await database.update(IDENTITY_ID, 'trusted_issuer', TRUSTED_ISSUER_ID, { ceiling: [] });
    expect((await reading)?.state).toMatchObject({ ceiling: [] });
    expect(database.reads).toHaveLength(2);
  });

  it('count as no use of a key', async () => {
    const database = new Database();
    const states = memoryOf(database);
    await database.insert(identityState());
    states.touch(await slotOf(states, IDENTITY_ID), NOW_MS);
    expect(states.takeUses().size).toBe(0);
  });
});

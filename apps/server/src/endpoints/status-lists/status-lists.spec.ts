import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  type CredentialState,
  DependencyUnavailable,
  type StatusListSigner,
} from '@countersign/core';
import type { RegisteredToken } from '@countersign/persistence';
import { STATUS_LIST_TTL_SECONDS, StatusLists, type StatusListsParts } from './status-lists.js';

const LIST = 'tsl_01JD0000000000000000000000';

function keyState(more: Partial<CredentialState> = {}): CredentialState {
  return {
    kind: 'api_key',
    keyStatus: 'active',
    versionExpiresAtMs: Infinity,
    keyExpiresAtMs: Infinity,
    principalStatus: 'active',
    organizationId: null,
    organizationStatus: null,
    ...more,
  } as CredentialState;
}

/** Lists over tokens that the test has, with a signer that only counts. */
function setUp(tokens: readonly RegisteredToken[] = []) {
  const states = new Map<string, CredentialState>();
  const revoked = new Set<string>();
  const world = {
    nowMs: 1_800_000_000_000,
    position: 5,
    fresh: true,
    made: 0,
    idLoads: 0,
    idsFail: false,
    tokenLoads: 0,
    ids: [LIST],
  };
  const parts: StatusListsParts = {
    issuer: 'https://auth.example.com',
    states: {
      find: (id) => {
        const state = states.get(id);
        return state === undefined ? null : { slot: {} as never, state };
      },
    },
    revocations: {
      has: (jti) => revoked.has(jti),
      get position() {
        return world.position;
      },
    },
    freshness: {
      assertFresh() {
        if (!world.fresh) throw new DependencyUnavailable('change feed');
      },
    },
    signer: {
      async sign(uri: string, list: unknown) {
        world.made += 1;
        return JSON.stringify({ uri, list });
      },
    } as unknown as StatusListSigner,
    loadTokens: async (id) => {
      world.tokenLoads += 1;
      return world.ids.includes(id) ? tokens : undefined;
    },
    loadIds: async () => {
      world.idLoads += 1;
      if (world.idsFail) throw new DependencyUnavailable('database');
      return world.ids;
    },
    now: () => world.nowMs,
  };
  const lists = new StatusLists(parts);
  const statusesOf = async (...places: number[]) => {
    const { list } = JSON.parse((await lists.tokenOf(LIST)) ?? 'null');
    const bytes = inflateSync(Buffer.from(list.lst, 'base64url'));
    return places.map((idx) => ((bytes[Math.floor(idx / 4)] ?? 0) >> ((idx % 4) * 2)) & 3);
  };
  const change = () => {
    world.position += 1;
    world.nowMs += 1_000;
  };
  return { lists, states, revoked, world, statusesOf, change };
}

describe('a status list', () => {
  it('says of each token what its key, and its actors, are at that moment', async () => {
    const token = (idx: number, ...rootIds: string[]) => ({
      idx,
      jti: `jti-${idx}`,
      derivedFrom: [`parent-${idx}`],
      rootIds,
      feedPosition: 0,
    });
    const { states, revoked, statusesOf } = setUp([
      token(0, 'good'),
      token(1, 'revoked'),
      token(2, 'expired'),
      token(3, 'disabled'),
      token(4, 'deleted'),
      token(5, 'good', 'disabled'),
      token(6, 'disabled', 'revoked'),
      token(7, 'good'),
      token(8, 'ownerDisabled'),
      token(9, 'good'),
    ]);
    states.set('good', keyState());
    states.set('revoked', keyState({ keyStatus: 'revoked' }));
    states.set('expired', keyState({ keyExpiresAtMs: 1 }));
    states.set('disabled', keyState({ keyStatus: 'disabled' }));
    states.set('ownerDisabled', keyState({ principalStatus: 'disabled' }));
    revoked.add('jti-7');
    revoked.add('parent-9');
    const statuses = await statusesOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(statuses).toEqual([0, 1, 1, 2, 1, 2, 1, 1, 2, 1, 0]);
  });

  it('is made once while nothing changes, and again before its ttl is over', async () => {
    const { lists, world } = setUp();
    await Promise.all([lists.tokenOf(LIST), lists.tokenOf(LIST)]);
    world.nowMs += STATUS_LIST_TTL_SECONDS * 1000 - 1;
    await lists.tokenOf(LIST);
    expect(world.made).toBe(1);
    world.nowMs += 1;
    await lists.tokenOf(LIST);
    expect(world.made).toBe(2);
  });

  it('is made again after a change, at most once a second', async () => {
    const { lists, world } = setUp();
    for (let count = 0; count < 100; count += 1) {
      world.position += 1;
      await lists.tokenOf(LIST);
      world.nowMs += 10;
    }
    expect(world.made).toBe(1);
    await lists.tokenOf(LIST);
    expect(world.made).toBe(2);
  });

  it('is not answered from memory that may be outdated', async () => {
    const { lists, world } = setUp();
    await lists.tokenOf(LIST);
    world.fresh = false;
    await expect(lists.tokenOf(LIST)).rejects.toThrow(DependencyUnavailable);
  });

  it('is tried again after it could not be made', async () => {
    const { lists, world, states } = setUp([
      { idx: 0, jti: 'jti', rootIds: ['good'], derivedFrom: [], feedPosition: 0 },
    ]);
    const get = states.get.bind(states);
    states.get = () => {
      throw new DependencyUnavailable('database');
    };
    await expect(lists.tokenOf(LIST)).rejects.toThrow(DependencyUnavailable);
    states.get = get;
    expect(await lists.tokenOf(LIST)).toBeDefined();
    expect(world.made).toBe(1);
  });

  it('that does not exist is looked for once a second, however many are made up', async () => {
    const { lists, world } = setUp();
    const ids = Array.from({ length: 50 }, (_, at) => `tsl_01JD00000000000000000000${10 + at}`);
    for (const id of ids) expect(await lists.tokenOf(id)).toBeUndefined();
    expect(world.idLoads).toBe(1);
    world.ids.push(ids[0] ?? '');
    world.nowMs += 1_000;
    expect(await lists.tokenOf(ids[0] ?? '')).toBeDefined();
  });

  it('is there for everybody who asks while the lists are looked up', async () => {
    const { lists, world } = setUp();
    const tokens = await Promise.all([lists.tokenOf(LIST), lists.tokenOf(LIST)]);
    expect(tokens).toEqual([expect.any(String), expect.any(String)]);
    expect(world.idLoads).toBe(1);
  });

  it('cannot be told of, rather than missing, when the lists could not be looked up', async () => {
    const { lists, world } = setUp();
    world.idsFail = true;
    const asked = [lists.tokenOf(LIST), lists.tokenOf(LIST)];
    for (const one of asked) await expect(one).rejects.toThrow(DependencyUnavailable);
    await expect(lists.tokenOf(LIST)).rejects.toThrow(DependencyUnavailable);
    world.idsFail = false;
    expect(await lists.tokenOf(LIST)).toBeDefined();
  });

  it('that is gone is answered no longer, and not looked for each time', async () => {
    const { lists, world, change } = setUp();
    await lists.tokenOf(LIST);
    world.ids.pop();
    change();
    for (let times = 0; times < 5; times += 1) expect(await lists.tokenOf(LIST)).toBeUndefined();
    expect(world.tokenLoads).toBe(2);
  });
});

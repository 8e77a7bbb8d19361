import { describe, expect, it } from '@jest/globals';
import { API } from '../../test/key-state.js';
import type { Change } from '../changes/change.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';
import { ResourceServers } from './resource-servers.js';

const policy: ResourceServerPolicy = {
  audience: API,
  scopes: ['read:users'],
  accessTokenTtlSeconds: 300,
  signingAlg: 'RS256',
  tokenTyp: 'at+jwt',
  refreshTokens: null,
};
const CHANGED: Change = {
  position: 1,
  kind: 'resource_server',
  subject: 'rsv_1',
  revocation: null,
};

describe('ResourceServers', () => {
  it('finds by the audience, exactly, what was loaded', async () => {
    const servers = new ResourceServers(async () => [policy]);
    expect(servers.find(API)).toBeUndefined();
    await servers.reset();
    expect(servers.find(API)).toEqual(policy);
    expect(servers.find(`${API}/`)).toBeUndefined();
    expect(servers.find('toString')).toBeUndefined();
  });

  it('is up to date once a change was applied, deletions included', async () => {
    let stored = [policy];
    const servers = new ResourceServers(async () => stored);
    await servers.reset();
    stored = [{ ...policy, accessTokenTtlSeconds: 60 }];
    await servers.apply(CHANGED);
    expect(servers.find(API)?.accessTokenTtlSeconds).toBe(60);
    stored = [];
    await servers.apply(CHANGED);
    expect(servers.find(API)).toBeUndefined();
  });

  it('loads nothing for changes of another kind', async () => {
    let loads = 0;
    const servers = new ResourceServers(async () => {
      loads += 1;
      return [];
    });
    await servers.apply({ ...CHANGED, kind: 'api_key' });
    expect(loads).toBe(0);
  });

  it('stays as it is when it cannot be loaded, and says so', async () => {
    let fails = false;
    const servers = new ResourceServers(async () => {
      if (fails) throw new Error('no database');
      return [policy];
    });
    await servers.reset();
    fails = true;
    await expect(servers.apply(CHANGED)).rejects.toThrow('no database');
    expect(servers.find(API)).toEqual(policy);
  });
});

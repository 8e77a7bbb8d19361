import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DrainState } from './drain-state.js';
import { Readiness } from './readiness.js';
import type { ReadinessCheck, ReadinessProbe } from './readiness-probe.js';

const ALL_UP = { database: 'up', change_feed: 'up', signing_keys: 'up' };

describe('Readiness', () => {
  const drainState = new DrainState();

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function probe(check: ReadinessCheck, isReady: ReadinessProbe['isReady'] = () => true) {
    return { check, isReady: jest.fn(isReady) };
  }

  function readiness(database = probe('database')) {
    return new Readiness([database, probe('change_feed'), probe('signing_keys')], drainState);
  }

  it('should be ready when all is up', async () => {
    expect(await readiness().report()).toEqual({ status: 'ready', checks: ALL_UP });
  });

  it.each<[string, ReadinessProbe['isReady']]>([
    ['says no', () => false],
    ['rejects', () => Promise.reject(new Error('gone'))],
    [
      'throws',
      () => {
        throw new Error('gone');
      },
    ],
  ])('should not be ready when a probe %s', async (_how, isReady) => {
    expect(await readiness(probe('database', isReady)).report()).toEqual({
      status: 'not_ready',
      checks: { ...ALL_UP, database: 'down' },
    });
  });

  it('should not wait for a probe that hangs', async () => {
    const report = readiness(probe('database', () => new Promise(() => {}))).report();
    await jest.advanceTimersByTimeAsync(1000);

    expect(await report).toMatchObject({ status: 'not_ready', checks: { database: 'down' } });
  });

  it('should count what nobody probes as down', async () => {
    const report = await new Readiness([probe('database')], drainState).report();

    expect(report.checks).toEqual({ database: 'up', change_feed: 'down', signing_keys: 'down' });
  });

  it('should not run a probe for each of many callers', async () => {
    const database = probe('database', async () => true);
    const shared = readiness(database);
    await Promise.all(Array.from({ length: 50 }, () => shared.report()));
    await shared.report();
    expect(database.isReady).toHaveBeenCalledTimes(1);

    await jest.advanceTimersByTimeAsync(500);
    await shared.report();
    expect(database.isReady).toHaveBeenCalledTimes(2);
  });

  it('should say at once that the process is draining, whatever was remembered', async () => {
    const state = new DrainState();
    const probes = [probe('database'), probe('change_feed'), probe('signing_keys')];
    const draining = new Readiness(probes, state);
    await draining.report();
    state.begin();

    expect(await draining.report()).toEqual({ status: 'draining', checks: ALL_UP });
  });
});

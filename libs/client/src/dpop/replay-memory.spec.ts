import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReplayMemory } from './replay-memory.js';

const WINDOW_MS = 1000;

describe('ReplayMemory', () => {
  it('takes no proof twice within the window, whenever others come', () => {
    const step = fc.record({ afterMs: fc.nat(400), proof: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const memory = new ReplayMemory(WINDOW_MS, 1000);
        const acceptedMs = new Map<number, number>();
        let nowMs = 0;
        for (const { afterMs, proof } of steps) {
          nowMs += afterMs;
          const isNew = memory.spend('jkt', String(proof), nowMs) === 'new';
          const beforeMs = acceptedMs.get(proof);
          if (beforeMs === undefined) expect(isNew).toBe(true);
          else if (nowMs - beforeMs < WINDOW_MS) expect(isNew).toBe(false);
          if (isNew) acceptedMs.set(proof, nowMs);
        }
      }),
    );
  });

  it('forgets what is over, and says when it is full rather than forget what is not', () => {
    const memory = new ReplayMemory(WINDOW_MS, 2);
    expect(['1', '2', '3', '1'].map((jti) => memory.spend('jkt', jti, 0))).toEqual([
      'new',
      'new',
      'full',
      'spent',
    ]);
    expect(memory.spend('jkt', '3', 2 * WINDOW_MS)).toBe('new');
  });
});

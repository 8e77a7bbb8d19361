import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeSchedule } from './schedule.js';
import type { FaultStep } from './step.js';

const OPTIONS = { durationMs: 8_000, replicas: 3, leaseMs: 1_000 };
const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

function faultsOf(seed: number): FaultStep[] {
  return makeSchedule({ ...OPTIONS, seed }).steps.filter((step) => step.do === 'break');
}

function replicaOf({ broken }: FaultStep): number | null {
  return 'replica' in broken ? broken.replica : null;
}

describe('makeSchedule', () => {
  it('makes the same of the same seed, and survives being written to a file', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const schedule = makeSchedule({ ...OPTIONS, seed });
        expect(makeSchedule({ ...OPTIONS, seed })).toEqual(schedule);
        expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
      }),
    );
  });

  it('breaks things, and takes and issues credentials, in order and within its time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { steps } = makeSchedule({ ...OPTIONS, seed });
        expect(new Set(steps.map((step) => step.do))).toEqual(new Set(['break', 'take', 'issue']));
        const moments = steps.map(({ atMs }) => atMs);
        expect(moments).toEqual(moments.toSorted((one, other) => one - other));
        expect(moments.every((atMs) => atMs >= 0 && atMs <= OPTIONS.durationMs)).toBe(true);
      }),
    );
  });

  it('stops processes for longer than a lease', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { broken, forMs } of faultsOf(seed)) {
          if (broken.fault === 'pause-replica') expect(forMs).toBeGreaterThan(OPTIONS.leaseMs);
        }
      }),
    );
  });

  it('does not stop a process while it is killed, nor kill it twice at a time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const onProcess = faultsOf(seed).filter(({ broken }) => broken.fault.endsWith('-replica'));
        for (const one of onProcess) {
          for (const other of onProcess) {
            const sameReplica = replicaOf(one) === replicaOf(other);
            if (one === other || !sameReplica) continue;
            const apart = one.atMs > other.atMs + other.forMs || other.atMs > one.atMs + one.forMs;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('comes to every kind of fault and of taking', () => {
    const steps = Array.from(
      { length: 200 },
      (_, seed) => makeSchedule({ ...OPTIONS, seed }).steps,
    );
    const kinds = steps.flat().map((step) => {
      if (step.do === 'break') return step.broken.fault;
      return step.do === 'take' ? step.taken.take : step.issued.issue;
    });
    expect([...new Set<string>(kinds)].toSorted()).toMatchInlineSnapshot(`
[
  "compromise-signing-key",
  "cut-database",
  "cut-feed",
  "delay-database",
  "delay-feed",
  "delete-key",
  "delete-principal",
  "disable-key",
  "disable-organization",
  "disable-principal",
  "drop-notifications",
  "drop-roles",
  "half-open-database",
  "half-open-feed",
  "hold-lock",
  "key",
  "kill-replica",
  "narrow-key",
  "narrow-principal",
  "narrow-role",
  "pause-replica",
  "pause-verifiers",
  "restart-postgres",
  "revoke-family",
  "revoke-key",
  "revoke-key-by-itself",
  "revoke-token",
  "rotate-key",
  "stall-connections",
  "token",
]
`);
  });
});

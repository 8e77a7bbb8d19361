import { beforeEach, describe, expect, it } from '@jest/globals';
import { leaseOverAfterMs } from './lease-over-after-ms.js';
import type { ReplicaRow } from './replica-row.js';
import { ReplicaWatch } from './replica-watch.js';

const LEASE_MS = 1_000;
const OVER_AFTER_MS = leaseOverAfterMs(LEASE_MS);

describe('ReplicaWatch', () => {
  let nowMs: number;
  let rows: Map<string, ReplicaRow>;
  let whileReading: () => void;
  let beforeRemoving: () => void;
  let lapses: string[];
  let watch: ReplicaWatch;

  const renew = (id: string) => {
    const seq = (rows.get(id)?.seq ?? 0) + 1;
    rows.set(id, { id, seq, appliedPosition: 0, leaseMs: LEASE_MS });
  };
  const lapsedAt = async (ms: number) => {
    nowMs = ms;
    return [...(await watch.observe()).lapsed];
  };

  beforeEach(() => {
    nowMs = 0;
    rows = new Map();
    whileReading = () => undefined;
    beforeRemoving = () => undefined;
    lapses = [];
    watch = new ReplicaWatch({
      store: {
        async read() {
          const read = [...rows.values()];
          whileReading();
          return read;
        },
        async remove(id, seq) {
          beforeRemoving();
          return rows.get(id)?.seq === seq && rows.delete(id);
        },
      },
      monotonicMs: () => nowMs,
      onLapse: ({ id }) => lapses.push(id),
    });
    renew('a');
  });

  it('takes a lease for over only after its length and the margin, and then clears it', async () => {
    expect(await lapsedAt(0)).toEqual([]);
    expect(await lapsedAt(OVER_AFTER_MS - 1)).toEqual([]);
    expect([rows.size, watch.registered]).toEqual([1, 1]);
    expect(await lapsedAt(OVER_AFTER_MS)).toEqual(['a']);
    expect([rows.size, watch.registered, lapses]).toEqual([0, 0, ['a']]);
  });

  it('counts anew from each renewal that it sees', async () => {
    await lapsedAt(0);
    renew('a');
    expect(await lapsedAt(OVER_AFTER_MS)).toEqual([]);
    expect(await lapsedAt(2 * OVER_AFTER_MS - 1)).toEqual([]);
    expect(await lapsedAt(2 * OVER_AFTER_MS)).toEqual(['a']);
  });

  it('counts from when a reading was answered: the renewal may be younger than the question', async () => {
    whileReading = () => {
      nowMs = 300;
    };
    await lapsedAt(0);
    whileReading = () => undefined;
    expect(await lapsedAt(OVER_AFTER_MS + 299)).toEqual([]);
    expect(await lapsedAt(OVER_AFTER_MS + 300)).toEqual(['a']);
  });

  it('clears nothing that was renewed since it was read', async () => {
    await lapsedAt(0);
    beforeRemoving = () => renew('a');
    expect(await lapsedAt(OVER_AFTER_MS)).toEqual([]);
    expect([rows.get('a')?.seq, lapses]).toEqual([2, []]);
    beforeRemoving = () => undefined;
    expect(await lapsedAt(OVER_AFTER_MS + 1)).toEqual([]);
  });

  it('counts the lease that each has registered', async () => {
    rows.set('b', { id: 'b', seq: 1, appliedPosition: 0, leaseMs: 3 * LEASE_MS });
    await lapsedAt(0);
    expect(await lapsedAt(OVER_AFTER_MS)).toEqual(['a']);
    expect(await lapsedAt(3 * OVER_AFTER_MS)).toEqual(['b']);
  });

  it('forgets when it saw what was gone in between', async () => {
    await lapsedAt(0);
    rows.delete('a');
    await lapsedAt(10);
    renew('a');
    expect(await lapsedAt(OVER_AFTER_MS)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DatabaseHistory, type Happening, VERSION_IDS } from '../../test/database-history.js';
import { ISSUER } from '../../test/key-state.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import type { KeySlot } from './key-slot.js';
import { type FoundKey, KeyStates } from './key-states.js';
import type { KeyStateReading } from './read-key-state.js';

type Step =
  | { readonly do: 'find'; readonly versionId: string }
  | { readonly do: 'commit'; readonly happening: Happening }
  /** The follower applies the next changes of the feed, this many. */
  | { readonly do: 'apply'; readonly count: number }
  /** The follower lost track: it had read where the feed is, and starts over from there. */
  | { readonly do: 'reset'; readonly lag: number }
  /** A reading that is under way takes its snapshot, answers with it, or fails. */
  | { readonly do: 'snapshot' | 'answer' | 'fail'; readonly which: number }
  /** So many microtasks pass. */
  | { readonly do: 'wait'; readonly turns: number };

interface Reading {
  readonly versionId: string;
  readonly settle: (reading: KeyStateReading | Promise<never>) => void;
  snapshot: KeyStateReading | undefined;
}

/** Runs `KeyStates` against a database of which it is known what it was at each moment. */
class Run {
  readonly history = new DatabaseHistory();
  readonly states = new KeyStates({
    readKeyState: (versionId) =>
      new Promise((settle) => this.#readings.push({ versionId, settle, snapshot: undefined })),
    issuer: ISSUER,
    capacity: 3, // fewer than there are versions and identities
  });
  readonly finds: Promise<void>[] = [];
  readonly #readings: Reading[] = [];
  readonly #slots = new Set<KeySlot>();
  #appliedPosition = 0;

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      // Nothing else is awaited, so that steps may fall between any two microtasks.
      if (step.do === 'wait') for (let i = 0; i < step.turns; i += 1) await undefined;
      else this.#take(step);
      this.checkSlots();
    }
  }

  #take(step: Exclude<Step, { do: 'wait' }>): void {
    switch (step.do) {
      case 'find':
        return this.find(step.versionId);
      case 'commit':
        return this.history.commit(step.happening);
      case 'apply':
        for (let i = 0; i < step.count; i += 1) this.#applyNext();
        return;
      case 'reset':
        this.#appliedPosition = Math.max(this.#appliedPosition, this.history.position - step.lag);
        return this.states.reset();
      default:
        return this.#go(step.do, step.which);
    }
  }

  find(versionId: string): void {
    const since = this.#appliedPosition;
    const found = this.states.find(versionId);
    if (!(found instanceof Promise)) return this.#check(since, versionId, found);
    const checked = found.then((settled) => this.#check(since, versionId, settled));
    this.finds.push(checked.catch(mayBeUnavailable));
  }

  /** No place in memory, whoever holds on to it, shows what a change that was applied made old. */
  checkSlots(): void {
    for (const { id, state } of this.#slots) {
      if (state !== undefined) this.#expectNotOlder(this.#appliedPosition, id, state);
    }
  }

  /** Applies and answers all that is outstanding. */
  async settle(): Promise<void> {
    while (this.#appliedPosition < this.history.position) this.#applyNext();
    await new Promise(setImmediate);
    while (this.#readings.length > 0) {
      this.#go('answer', 0);
      await new Promise(setImmediate);
    }
    await Promise.all(this.finds);
  }

  #applyNext(): void {
    const change = this.history.changeAt(this.#appliedPosition + 1);
    if (change === undefined) return;
    this.states.apply(change);
    this.#appliedPosition = change.position;
  }

  #go(action: 'snapshot' | 'answer' | 'fail', which: number): void {
    const reading = this.#readings[which % this.#readings.length];
    if (reading === undefined) return;
    reading.snapshot ??= this.history.read(reading.versionId);
    if (action === 'snapshot') return;
    this.#readings.splice(this.#readings.indexOf(reading), 1);
    if (action === 'answer') reading.settle(reading.snapshot);
    else reading.settle(Promise.reject(new DependencyUnavailable('database')));
  }

  #check(since: number, versionId: string, found: FoundKey | null): void {
    this.#expectNotOlder(since, versionId, found === null ? null : found.state);
    if (found !== null) this.#slots.add(found.slot);
  }

  #expectNotOlder(since: number, versionId: string, state: FoundKey['state'] | null): void {
    if (this.history.hadSince(since, versionId, state)) return;
    throw new Error(
      `${versionId} as of before ${since}: ${JSON.stringify(state?.principalMetadata)}`,
    );
  }
}

function mayBeUnavailable(error: unknown): void {
  if (!(error instanceof DependencyUnavailable)) throw error;
}

function kindOf(id: string): 'api_key_version' | 'federated_identity' {
  return id.startsWith('fid_') ? 'federated_identity' : 'api_key_version';
}

const roleIds = fc.subarray(['role1', 'role2']);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(...VERSION_IDS).map((subject) => ({ kind: kindOf(subject), subject })),
  fc.record({
    kind: fc.constant('api_key' as const),
    subject: fc.constantFrom('key1', 'key2', 'key3'),
  }),
  fc.record({
    kind: fc.constant('api_key' as const),
    subject: fc.constantFrom('key1', 'key3'),
    deleted: fc.constant(true as const),
  }),
  fc.record({
    kind: fc.constant('principal' as const),
    subject: fc.constantFrom('principal1', 'principal2', 'principal3'),
    roleIds,
  }),
  fc.record({
    kind: fc.constant('trusted_issuer' as const),
    subject: fc.constant('issuer1'),
  }),
  fc.record({
    kind: fc.constant('trusted_issuer' as const),
    subject: fc.constant('issuer1'),
    deleted: fc.constant(true as const),
  }),
  fc.record({ kind: fc.constant('organization' as const), subject: fc.constant('organization1') }),
  fc.record({ kind: fc.constant('role' as const), subject: fc.constantFrom('role1', 'role2') }),
);
const which = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('find' as const),
      versionId: fc.constantFrom(...VERSION_IDS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), happening }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), lag: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('snapshot' as const), which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      turns: fc.integer({ min: 1, max: 6 }),
    }),
  },
);

describe('KeyStates, however readings and changes are interleaved', () => {
  it('never yields, after a change was applied, what the database was before it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const run = new Run();
        for (const versionId of VERSION_IDS) {
          run.history.commit({ kind: kindOf(versionId), subject: versionId });
        }
        await run.play(steps);
        await run.settle();
        run.checkSlots();
      }),
      { numRuns: 3_000 },
    );
  }, 60_000);

  it('is what the database is, once everything has been applied', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const run = new Run();
        await run.play(steps);
        await run.settle();
        for (const versionId of VERSION_IDS) run.find(versionId);
        await run.settle();
        for (const versionId of VERSION_IDS) {
          run.find(versionId);
          await run.settle();
          const found = await run.states.find(versionId);
          expect(found?.state ?? null).toBe(run.history.read(versionId).state);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

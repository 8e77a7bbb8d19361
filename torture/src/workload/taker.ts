import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { HistoryWriter } from '../history/history.js';
import type { Taking } from '../history/operation.js';
import type { HttpAnswer } from '../network/http-call.js';
import type { TakingStep } from '../schedule/step.js';
import type { Estate } from './estate.js';
import { readTaking } from './read-answer.js';
import type { ServiceCaller } from './service-caller.js';
import { type TakingRequest, toTake } from './to-take.js';

const RETRY_PAUSE_MS = 60;

const rotated = z.object({
  key: z.string(),
  scopes: z.array(z.string()),
  versions: z.array(z.object({ expires_at: z.string().nullable() })),
});

/** Takes things away, and tells the history what was answered. */
export class Taker {
  constructor(
    private readonly caller: ServiceCaller,
    private readonly estate: Estate,
    private readonly history: HistoryWriter,
    /** Of the key that signs access tokens when the schedule begins. */
    private readonly kid: string,
  ) {}

  /** @param onAnswer told of each attempt as soon as its answer is there */
  async take(step: TakingStep, onAnswer: (taking: Taking) => void): Promise<void> {
    const request = toTake(step.taken, this.estate, this.kid);
    if (request === undefined) return;
    // To rotate once more would be another rotation.
    const retries = step.taken.take === 'rotate-key' ? 0 : step.retries;
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      const replica = (step.replica + attempt) % this.caller.replicas;
      const taking = await this.#attempt(step, request, replica);
      this.history.takings.push(taking);
      onAnswer(taking);
      if (taking.outcome === 'confirmed' || taking.outcome === 'failed') return;
      await delay(RETRY_PAUSE_MS);
    }
  }

  async #attempt(step: TakingStep, toDo: TakingRequest, replica: number): Promise<Taking> {
    const { taken, impatient } = step;
    const answer = await this.caller.change(replica, { ...toDo.request, impatient });
    const { take, ...rest } = taken;
    const what = `${take} ${Object.values(rest).join(' ')} at replica ${replica}`;
    const { from, scopes } = toDo;
    const { startMs, endMs } = answer;
    const told = readTaking(answer);
    const taking = { what, replica, from, scopes, startMs, endMs, impatient, ...told };
    if (taken.take !== 'rotate-key') return taking;
    const graceEndsAtMs = this.#addVersion(taken.key, taken.newVersion, answer);
    if (taken.graceSeconds === 0) return taking;
    return { ...taking, effectiveAtMs: graceEndsAtMs ?? startMs + taken.graceSeconds * 1000 };
  }

  /** @returns when the versions before end, on the monotonic clock; undefined: that was not told */
  #addVersion(keyName: string, version: string, answer: HttpAnswer): number | undefined {
    const key = this.estate.keys.get(keyName);
    if (key === undefined || answer.status === null || answer.status >= 300) return undefined;
    const { key: secret, scopes, versions } = rotated.parse(JSON.parse(answer.text));
    const { startMs, endMs } = answer;
    const credential = {
      ...{ name: version, kind: 'api_key' as const, startMs, endMs, expiresAtMs: null, scopes },
      subjects: this.estate.subjectsOf(keyName, version),
    };
    this.estate.add(credential, secret);
    this.history.credentials.push(credential);
    key.newestVersion = version;
    const ends = versions[1]?.expires_at;
    return ends ? Date.parse(ends) - Date.now() + performance.now() : undefined;
  }
}

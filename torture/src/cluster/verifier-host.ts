import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ask, Asked, StalenessPolicy } from '../history/operation.js';
import { ownProgram } from '../paths.js';
import { ChildProgram } from './child-program.js';

export type LocalVerifier = Extract<Asked, { road: 'local' }>;

/** What the process of the verifiers is told. */
export type HostCommand =
  | {
      readonly open: readonly { readonly policy: StalenessPolicy; readonly serviceUrl: string }[];
      readonly issuer: string;
      readonly audience: string;
      readonly credential: string;
    }
  | { readonly verify: string; readonly verifier: number; readonly id: number }
  | { readonly say: 'alive' | 'ready'; readonly id: number };

/** What it tells: that a command to open was obeyed, what it was to say, or what a credential turned out to be. */
export type HostReport =
  | { readonly opened: true }
  | { readonly say: 'alive' | 'ready'; readonly id: number }
  | ({ readonly id: number } & Pick<Ask, 'outcome' | 'scopes' | 'detail'>);

export interface HostOptions {
  readonly folder: string;
  readonly preloaded: readonly string[];
  readonly verifiers: readonly LocalVerifier[];
  /** Where the replica that a verifier follows is reached. */
  readonly serviceUrl: (replica: number) => string;
  readonly issuer: string;
  readonly audience: string;
  /** Of the backends. */
  readonly credential: string;
}

const ANSWER_TIMEOUT_MS = 10_000;

/** Local verifiers in a process of their own, which can stand still like any other. */
export class VerifierHost {
  readonly verifiers: readonly LocalVerifier[];
  readonly #program: ChildProgram | undefined;
  readonly #waiting = new Map<number, (report: HostReport) => void>();
  #lastId = 0;

  private constructor(options: HostOptions) {
    this.verifiers = options.verifiers;
    if (options.verifiers.length === 0) return;
    this.#program = new ChildProgram({
      script: ownProgram('processes/verify-locally'),
      preloaded: options.preloaded,
      env: {},
      logFile: join(options.folder, 'verifiers.log'),
      ipc: true,
    });
  }

  static async open(options: HostOptions): Promise<VerifierHost> {
    const host = new VerifierHost(options);
    const program = host.#program;
    if (program === undefined) return host;
    const { verifiers, serviceUrl, issuer, audience, credential } = options;
    const open = verifiers.map(({ policy, replica }) => ({
      policy,
      serviceUrl: serviceUrl(replica),
    }));
    await new Promise<void>((resolve, reject) => {
      program.child.on('message', (report: HostReport) => {
        if ('opened' in report) resolve();
        else host.#waiting.get(report.id)?.(report);
      });
      void program.ended.then(() => reject(program.explain('the local verifiers ended')));
      host.#send({ open, issuer, audience, credential });
    });
    return host;
  }

  /** Begun when it is called: the process may take its time to hear of it. */
  verify(
    asked: LocalVerifier,
    secret: string,
  ): Promise<Omit<Ask, 'asked' | 'credential' | 'final'>> {
    const startMs = performance.now();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const settle = (report: Pick<Ask, 'outcome' | 'scopes' | 'detail'>) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        const { outcome, scopes, detail } = report;
        const endMs = performance.now();
        resolve({ startMs, endMs, outcome, detail, ...(scopes && { scopes }) });
      };
      const timer = setTimeout(
        () => settle({ outcome: 'unavailable', detail: 'no answer in time' }),
        ANSWER_TIMEOUT_MS,
      );
      this.#waiting.set(id, (report) => 'outcome' in report && settle(report));
      this.#send({ verify: secret, verifier: this.verifiers.indexOf(asked), id });
    });
  }

  /** Resolves when the process has had the time to hear of it and to say so; past ten seconds anyway. */
  async pulse(): Promise<void> {
    await this.#said('alive', ANSWER_TIMEOUT_MS);
  }

  /**
   * Resolves once each verifier follows its feed again.
   * @throws {Error} not within the time
   */
  async ready(timeoutMs: number): Promise<void> {
    if (this.verifiers.length === 0 || (await this.#said('ready', timeoutMs))) return;
    throw new Error(`the local verifiers do not follow their feeds after ${timeoutMs} ms`);
  }

  async #said(say: 'alive' | 'ready', timeoutMs: number): Promise<boolean> {
    this.#lastId += 1;
    const id = this.#lastId;
    const heard = new Promise<true>((resolve) => this.#waiting.set(id, () => resolve(true)));
    this.#send({ say, id });
    const isSaid = await Promise.race([heard, delay(timeoutMs, false, { ref: false })]);
    this.#waiting.delete(id);
    return isSaid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#program?.signal(signal);
  }

  async close(): Promise<void> {
    await this.#program?.stop();
  }

  #send(command: HostCommand): void {
    // Should it have ended, nothing comes back, which is on record.
    this.#program?.child.send(command, () => undefined);
  }
}

import { createServer, type AddressInfo } from 'node:net';
import { callHttp } from '../network/http-call.js';
import { SERVICE_MAIN } from '../paths.js';
import { untilTrue } from '../until-true.js';
import { ChildProgram } from './child-program.js';

const START_TIMEOUT_MS = 90_000;
const READY_TIMEOUT_MS = 2_000;
const ATTEMPTS_MAX = 5;

export interface ReplicaOptions {
  readonly index: number;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly preloaded: readonly string[];
  readonly logFile: string;
}

/** A process of the service; always on the same port. */
export class Replica {
  #program: ChildProgram | undefined;

  constructor(private readonly options: ReplicaOptions) {}

  get index(): number {
    return this.options.index;
  }

  get port(): number {
    return this.options.port;
  }

  /** Starts it, unless it runs already, and does not wait until it answers. */
  launch(): void {
    // Killed twice, it is started again by both: there is one port for it.
    if (!this.hasEnded) return;
    const { env, preloaded, logFile, port } = this.options;
    this.#program = new ChildProgram({
      script: SERVICE_MAIN,
      preloaded,
      env: { ...env, PORT: String(port) },
      logFile,
      ipc: false,
    });
  }

  /**
   * Until it answers; started again when it gives up, as any supervisor would do: Postgres may be away.
   * @throws {Error} with its log, when it gives up again and again
   */
  async untilReady(): Promise<void> {
    let attempts = 1;
    await untilTrue(`replica ${this.index} is ready`, START_TIMEOUT_MS, () => {
      if (this.hasEnded) {
        if (attempts === ATTEMPTS_MAX) throw this.explain(`replica ${this.index} ended`);
        attempts += 1;
        this.launch();
      }
      return this.isReady();
    });
  }

  async isReady(): Promise<boolean> {
    const answer = await callHttp({
      port: this.port,
      method: 'GET',
      path: '/health/ready',
      headers: {},
      timeoutMs: READY_TIMEOUT_MS,
      isRepeatable: true,
    });
    return answer.status === 200;
  }

  get hasEnded(): boolean {
    return this.#program?.hasEnded ?? true;
  }

  /** Its last words. */
  explain(what: string): Error {
    return this.#running().explain(what);
  }

  signal(signal: NodeJS.Signals): void {
    this.#running().signal(signal);
  }

  async kill(): Promise<void> {
    await this.#running().kill();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  #running(): ChildProgram {
    if (this.#program === undefined) throw new Error(`replica ${this.index} was never launched`);
    return this.#program;
  }
}

/** A TCP port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

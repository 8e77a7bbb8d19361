import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchKeys } from './data/bench-keys.js';
import { type Dataset, databaseName } from './data/dataset.js';
import { seed } from './data/seed.js';
import type { Cores } from './machine/cores.js';
import type { RunningProgram } from './running/child-process.js';
import { Commanded } from './running/commanded.js';
import { Postgres } from './running/postgres.js';
import { type Reference, startReference } from './running/reference.js';
import type { ReferenceConfig } from './running/reference-config.js';
import { migrate, type Service, startService } from './running/service.js';

const TEMPLATE = 'bench_template';

/**
 * What the sections work with: one Postgres in a folder that goes away, databases that are filled
 * when they are first asked for, and processes that end with the section that started them.
 */
export class Lab {
  readonly keys = new BenchKeys();
  readonly #databases = new Map<string, Promise<string>>();
  /** What the section has started. */
  #programs: RunningProgram[] = [];

  private constructor(
    readonly postgres: Postgres,
    readonly folder: string,
    private readonly cores: Cores,
    private readonly say: (what: string) => void,
  ) {}

  static async open(cores: Cores, say: (what: string) => void): Promise<Lab> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
    try {
      const postgres = await Postgres.start(join(folder, 'postgres'), cores.database);
      return new Lab(postgres, folder, cores, say);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** @param env settings that differ from the service's defaults */
  async startService(dataset: Dataset, env: Record<string, string> = {}): Promise<Service> {
    const databaseUrl = await this.#filled(dataset);
    const service = await startService({ ...this.#start(databaseUrl), env });
    this.#programs.push(service.program);
    return service;
  }

  async startReference(config: Omit<ReferenceConfig, 'port'>): Promise<Reference> {
    const reference = await startReference(config, this.cores.server, this.folder);
    this.#programs.push(reference.program);
    return reference;
  }

  /** A process of the bench on the core where the service would be. */
  startCommanded<Command, Result>(name: string): Commanded<Command, Result> {
    const commanded = new Commanded<Command, Result>(name, this.cores.server, this.folder);
    this.#programs.push(commanded.program);
    return commanded;
  }

  /** Ends what the section has started. @returns what there is to say of what ended by itself */
  async endSection(): Promise<string[]> {
    const programs = this.#programs.splice(0);
    const dead = programs.filter((program) => program.hasDied);
    await Promise.all(programs.map((program) => program.stop()));
    return dead.map((program) => program.explain('a process died').message);
  }

  /** Ends everything, and leaves nothing on the disk. */
  async close(): Promise<void> {
    await this.endSection();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #filled(dataset: Dataset): Promise<string> {
    const name = databaseName(dataset);
    const known = this.#databases.get(name) ?? this.#fill(name, dataset);
    this.#databases.set(name, known);
    return known;
  }

  async #fill(name: string, dataset: Dataset): Promise<string> {
    if (this.#databases.size === 0) await this.#makeTemplate();
    const startMs = performance.now();
    await this.postgres.createDatabase(name, TEMPLATE);
    const secretHash = await this.keys.secretHash(dataset.argon2MemoryKib);
    await seed(this.postgres, name, dataset, secretHash);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    this.say(`${dataset.keys.toLocaleString('en-US')} keys in the table after ${seconds} s`);
    return this.postgres.url(name);
  }

  async #makeTemplate(): Promise<void> {
    await this.postgres.createDatabase(TEMPLATE);
    await migrate({ ...this.#start(this.postgres.url(TEMPLATE)), env: {} });
  }

  #start(databaseUrl: string) {
    const { serverSecret: secret } = this.keys;
    return { databaseUrl, secret, core: this.cores.server, folder: this.folder };
  }
}

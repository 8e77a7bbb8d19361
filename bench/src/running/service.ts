import { join } from 'node:path';
import type { Core } from '../machine/cores.js';
import { SERVICE_MAIN } from '../paths.js';
import { RunningProgram } from './child-process.js';
import { freePort, untilListening } from './listening.js';
import { shippedStart } from './shipped-start.js';

// Of tokens: longer than any run, and the only setting that differs from the defaults.
const TOKEN_TTL_SECONDS = 86_400;

/** What a service is started with. */
export interface ServiceStart {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly core: Core;
  /** Where its log and its data go. */
  readonly folder: string;
  /** Settings besides. */
  readonly env: Readonly<Record<string, string>>;
}

/** Countersign as it is shipped: built, in a process of its own. */
export interface Service {
  readonly port: number;
  readonly pid: number;
  readonly issuer: string;
  /** From the start of the process until it accepts connections. */
  readonly startedInSeconds: number;
  readonly program: RunningProgram;
}

export async function startService(start: ServiceStart): Promise<Service> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const shipped = shippedStart();
  const startMs = performance.now();
  const program = new RunningProgram({
    script: SERVICE_MAIN,
    nodeFlags: shipped.nodeFlags,
    env: {
      ...shipped.env,
      ...settings(start),
      PORT: String(port),
      COUNTERSIGN_ISSUER: issuer,
      ...start.env,
    },
    core: start.core,
    logFile: join(start.folder, 'service.log'),
  });
  try {
    await untilListening(program, port);
  } catch (error) {
    await program.stop();
    throw error;
  }
  const startedInSeconds = (performance.now() - startMs) / 1000;
  return { port, pid: program.pid, issuer, startedInSeconds, program };
}

/** Brings a database's schema up to date, and does nothing else. */
export async function migrate(start: ServiceStart): Promise<void> {
  const program = new RunningProgram({
    script: SERVICE_MAIN,
    args: ['migrate'],
    env: settings(start),
    core: start.core,
    logFile: join(start.folder, 'migrate.log'),
  });
  if ((await program.ended) !== 0) throw program.explain('the schema could not be made');
}

function settings({ databaseUrl, secret, folder }: ServiceStart): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    COUNTERSIGN_SECRET: secret,
    COUNTERSIGN_DATA_DIR: join(folder, 'data'),
    COUNTERSIGN_ACCESS_TOKEN_TTL_SECONDS: String(TOKEN_TTL_SECONDS),
  };
}

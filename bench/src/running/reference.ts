import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Core } from '../machine/cores.js';
import { benchProgram } from '../paths.js';
import { RunningProgram } from './child-process.js';
import { freePort, untilListening } from './listening.js';
import type { ReferenceConfig } from './reference-config.js';

/** A bare Fastify in a process of its own. */
export interface Reference {
  readonly port: number;
  readonly pid: number;
  readonly program: RunningProgram;
}

export async function startReference(
  config: Omit<ReferenceConfig, 'port'>,
  core: Core,
  folder: string,
): Promise<Reference> {
  const port = await freePort();
  const configFile = join(folder, `reference-${port}.json`);
  writeFileSync(configFile, JSON.stringify({ ...config, port } satisfies ReferenceConfig));
  const program = new RunningProgram({
    script: benchProgram('bare-fastify'),
    args: [configFile],
    core,
    logFile: join(folder, 'reference.log'),
  });
  try {
    await untilListening(program, port);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { port, pid: program.pid, program };
}

import { fileURLToPath } from 'node:url';

// One folder below bench/, as sources and as they are built.
const ROOT = new URL('../../', import.meta.url);

/** The service as it is shipped: built, and run by plain Node. */
export const SERVICE_MAIN = fileURLToPath(new URL('apps/server/dist/main.js', ROOT));

/** Which says how the service is started. */
export const PACKAGE_FILE = fileURLToPath(new URL('package.json', ROOT));

/** A program of the bench itself, which runs as a process of its own. */
export function benchProgram(name: string): string {
  return fileURLToPath(new URL(`bench/dist/processes/${name}.js`, ROOT));
}

import { fileURLToPath } from 'node:url';

/*
 * From its sources, the test bed runs the service from its sources, too; built, it runs what is shipped.
 */
const IS_BUILT = import.meta.url.endsWith('.js');
const ROOT = new URL('../../', import.meta.url);

/** What Node is given to run a program like this one. */
export const NODE_FLAGS: readonly string[] = IS_BUILT
  ? []
  : ['--conditions=@countersign/source', '--import', '@oxc-node/core/register'];

/** The service. */
export const SERVICE_MAIN = fileURLToPath(
  new URL(IS_BUILT ? 'apps/server/dist/main.js' : 'apps/server/src/main.ts', ROOT),
);

/** A program of the test bed itself, or something that is loaded before one: `sabotage/fence-off`. */
export function ownProgram(name: string): string {
  return fileURLToPath(
    new URL(IS_BUILT ? `torture/dist/${name}.js` : `torture/src/${name}.ts`, ROOT),
  );
}

/** Where modules are looked for. */
export const ROOT_FOLDER = fileURLToPath(ROOT);

import { execFile } from 'node:child_process';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type InlineConfig } from 'tsdown';
import { entriesOf, packedManifest, type WorkspaceManifest } from './packed-manifest.js';
import { type PublishedPackage, ROOT, workspaceOf } from './published-packages.js';

const run = promisify(execFile);

/** The oldest Node that `require` gives ES modules, which some dependencies are. */
const TARGET = 'node20.19';

/**
 * Builds a package from its sources, as ES modules and as CommonJS with the types of each, and packs
 * it. The workspace has been compiled, for the types, and is not written to.
 *
 * @param into a folder that exists
 * @returns the tarball's path
 * @throws {Error} when the workspace was not compiled, or the package has no README
 */
export async function packPackage(name: PublishedPackage, into: string): Promise<string> {
  const workspace = workspaceOf(name);
  const manifest = await readManifest(workspace);
  const folder = await mkdtemp(path.join(tmpdir(), `countersign-pack-${name}-`));
  try {
    await bundle(workspace, manifest, folder);
    await writeFile(
      path.join(folder, 'package.json'),
      `${JSON.stringify(packedManifest(manifest), null, 2)}\n`,
    );
    await copyFile(path.join(workspace, 'README.md'), path.join(folder, 'README.md'));
    await copyFile(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
    await mkdir(into, { recursive: true });
    const packed = await run('npm', ['pack', '--json', '--pack-destination', into], {
      cwd: folder,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    return path.join(into, filename);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readManifest(workspace: string): Promise<WorkspaceManifest> {
  const text = await readFile(path.join(workspace, 'package.json'), 'utf8');
  return JSON.parse(text) as WorkspaceManifest;
}

/** Dependencies, also those of ours, stay imports. */
async function bundle(cwd: string, manifest: WorkspaceManifest, folder: string): Promise<void> {
  const entries = Object.entries(entriesOf(manifest));
  const common: InlineConfig = {
    cwd,
    config: false,
    format: ['esm', 'cjs'],
    platform: 'node',
    target: TARGET,
    sourcemap: false,
    logLevel: 'error',
  };
  const outDir = path.join(folder, 'dist');
  const sources = Object.fromEntries(
    entries.map(([entry, { source }]): [string, string] => [entry, source]),
  );
  await build({ ...common, outDir, entry: sources, dts: false });

  // The declarations that the compiler has written, made into one file for each entry as well.
  const declarations = Object.fromEntries(
    entries.map(([entry, { types }]): [string, string] => [entry, types]),
  );
  const typesDir = path.join(folder, 'types');
  await build({
    ...common,
    outDir: typesDir,
    entry: declarations,
    dts: { dtsInput: true, emitDtsOnly: true, sourcemap: false },
  });
  // Beside them may lie code that they were found to belong to.
  for (const file of await readdir(typesDir)) {
    if (/\.d\.[cm]ts$/.test(file)) await rename(path.join(typesDir, file), path.join(outDir, file));
  }
}

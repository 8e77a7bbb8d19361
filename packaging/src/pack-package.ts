import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'tsdown';
import { entriesOf, packedManifest, type WorkspaceManifest } from './packed-manifest.js';
import { type PublishedPackage, ROOT, workspaceOf } from './published-packages.js';

const run = promisify(execFile);

/** The oldest Node that `require` gives ES modules, which some dependencies are. */
const TARGET = 'node20.19';

/**
 * Builds a package from its sources, as ES modules and as CommonJS with the types of each, and packs
 * it. The workspace is not written to: it stays what its neighbours see.
 *
 * @param into a folder that exists
 * @returns the tarball's path
 * @throws {Error} when the sources do not compile, or the package has no README
 */
export async function packPackage(name: PublishedPackage, into: string): Promise<string> {
  const workspace = workspaceOf(name);
  const manifest = await readManifest(workspace);
  const folder = await mkdtemp(path.join(tmpdir(), `countersign-pack-${name}-`));
  try {
    await bundle(workspace, manifest, path.join(folder, 'dist'));
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

/** One file for each entry; dependencies, also those of ours, stay imports. */
async function bundle(cwd: string, manifest: WorkspaceManifest, outDir: string): Promise<void> {
  const entries = Object.entries(entriesOf(manifest));
  await build({
    cwd,
    config: false,
    entry: Object.fromEntries(entries.map(([entry, { source }]) => [entry, source])),
    format: ['esm', 'cjs'],
    outDir,
    platform: 'node',
    target: TARGET,
    dts: {
      compilerOptions: { composite: false, customConditions: ['@countersign/source'] },
      sourcemap: false,
    },
    sourcemap: false,
    failOnWarn: false,
    logLevel: 'error',
  });
}

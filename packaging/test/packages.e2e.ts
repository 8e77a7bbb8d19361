import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PUBLISHED_PACKAGES, ROOT, TYPESCRIPT, workspaceOf } from '../src/published-packages.js';

// Packages are fetched and compiled; how long that takes is the network's and the machine's affair.
jest.setTimeout(600_000);

const run = promisify(execFile);

/** Projects that use our packages: with what is new, and with the oldest that is served. */
const CONSUMERS = {
  'Express 5 and Nest 12': {
    dependencies: {
      express: '^5.3.0',
      '@types/express': '^5.0.6',
      '@nestjs/common': '^12.5.1',
      '@nestjs/core': '^12.5.1',
      '@nestjs/passport': '^12.0.0',
      '@nestjs/platform-express': '^12.5.0',
    },
    resolutions: [
      // Only here the declarations themselves are checked, which takes long: they are the same.
      { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false },
      { module: 'preserve', moduleResolution: 'bundler', skipLibCheck: true },
    ],
  },
  'Express 4 and Nest 11': {
    dependencies: {
      express: '^4.22.0',
      '@types/express': '^4.17.25',
      '@nestjs/common': '^11.0.0',
      '@nestjs/core': '^11.0.0',
      '@nestjs/passport': '^11.0.0',
      '@nestjs/platform-express': '^11.0.0',
    },
    resolutions: [{ module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true }],
  },
} as const;

const IN_EACH = {
  '@hono/node-server': '^2.1.9',
  '@types/node': '^24.0.0',
  '@types/passport': '^1.0.17',
  fastify: '^5.12.8',
  hono: '^4.13.19',
  passport: '^0.7.0',
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.2',
};

const EVERY_ADAPTER = ['express', 'fastify', 'hono', 'nest'];

let folder: string;
let packed: { tarball: string; problems: string[] }[];

beforeAll(async () => {
  // Outside of the repository: nothing in node_modules above may help.
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-packages-'));
  const main = path.join(ROOT, 'packaging/src/main.ts');
  // Its own process: a bundler in native code is nothing for Jest's sandbox.
  const { stdout } = await run(
    process.execPath,
    ['--import', '@oxc-node/core/register', main, '--lint', folder],
    { cwd: ROOT },
  );
  packed = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as (typeof packed)[number]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packages', () => {
  it('resolve to what they declare, in each way that they can be imported', () => {
    expect(packed).toHaveLength(7);
    for (const { problems } of packed) expect(problems).toEqual([]);
  });
});

describe.each(Object.entries(CONSUMERS))('a project with %s', (name, consumer) => {
  let project: string;

  beforeAll(async () => {
    project = path.join(folder, name.replaceAll(' ', '-'));
    await cp(path.join(import.meta.dirname, 'consumer'), project, { recursive: true });
    await cp(path.join(project, 'types.ts'), path.join(project, 'types.cts'));
    const manifest = {
      private: true,
      type: 'module',
      dependencies: { ...IN_EACH, ...consumer.dependencies },
    };
    await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest));
    const tarballs = packed.map(({ tarball }) => tarball);
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
    await run('npm', ['install', ...quietly, ...tarballs], { cwd: project });
  });

  const [nobody, somebody, withoutScope] = [401, 'Ada', 403];
  const adapters = EVERY_ADAPTER.map((adapter) => [adapter, [nobody, somebody, withoutScope]]);
  const expected = { contracts: true, verify: 'function', ...Object.fromEntries(adapters) };

  it.each(['esm.mjs', 'cjs.cjs'])('is protected by each adapter: %s', async (program) => {
    const { stdout } = await run(process.execPath, [program], { cwd: project });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it.each([...consumer.resolutions])('compiles by $moduleResolution', async (resolution) => {
    const { moduleResolution } = resolution;
    const compilerOptions = {
      ...resolution,
      ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, esModuleInterop: true },
      ...{ target: 'es2023', types: ['node'] },
      ...{ experimentalDecorators: true, emitDecoratorMetadata: true },
    };
    const both = ['types.ts', 'types.cts', ...(await writeReadmeExamples(project))];
    const files = moduleResolution === 'nodenext' ? both : ['types.ts'];
    const config = path.join(project, `tsconfig.${moduleResolution}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions, files }));
    expect(await complaintsOf(config)).toBe('');
  });

  it('holds nothing of the workspace: no sources, no condition that names them', async () => {
    const scope = path.join(project, 'node_modules/@countersign');
    const installed = await readdir(scope);
    expect(installed).toHaveLength(7);
    for (const name of installed) {
      const manifest = await readFile(path.join(scope, name, 'package.json'), 'utf8');
      expect(manifest).not.toContain('@countersign/source');
      expect(manifest).not.toContain('src/');
      expect(JSON.parse(manifest)).not.toHaveProperty('private');
    }
  });
});

/** What the compiler says; nothing when all is well. */
async function complaintsOf(config: string): Promise<string> {
  try {
    return (await run(process.execPath, [TYPESCRIPT, '-p', config])).stdout;
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  }
}

/** What the READMEs tell users to write, a file for each. */
async function writeReadmeExamples(project: string): Promise<string[]> {
  const readmes = [ROOT, ...PUBLISHED_PACKAGES.map(workspaceOf)];
  const written = readmes.map(async (readme, index) => {
    const text = await readFile(path.join(readme, 'README.md'), 'utf8');
    const example = /^```ts\n(.*?)^```$/ms.exec(text)?.[1];
    if (example === undefined) throw new Error(`${readme} has no example`);
    const file = `readme-${index}.ts`;
    await writeFile(path.join(project, file), example);
    return file;
  });
  return Promise.all(written);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { printGatewayConfig } from '../src/gateway-config/print-gateway-config.js';

// In a fresh clone, the first run compiles everything.
jest.setTimeout(300_000);

const ROOT = path.resolve(import.meta.dirname, '../../..');
const UPSTREAM = ['--upstream', 'http://10.0.0.5:3000'];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** With no variable of the service set, and where nothing of the repository is. */
async function run(entry: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(ROOT, entry), ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  const [code] = await once(child, 'close');
  return { code, out, error };
}

function printed(...args: string[]): string {
  let out = '';
  printGatewayConfig(args, { out: (text) => (out += text), error: () => undefined });
  return out;
}

describe.each([
  ['npm start -- …', 'scripts/start.mjs'],
  ['the entry point of the container', 'apps/server/dist/main.js'],
])('gateway-config, by %s', (_, entry) => {
  beforeAll(async () => {
    // Compiles what is not compiled.
    await run('scripts/start.mjs', 'gateway-config');
  });

  it.each([['nginx'], ['haproxy', '--script']])(
    'prints what is for %s to standard output, all of it and nothing else',
    async (...what) => {
      const { code, out, error } = await run(entry, 'gateway-config', ...what, ...UPSTREAM);
      expect([code, out]).toEqual([0, printed(...what, ...UPSTREAM)]);
      expect(out).toContain('/forward-auth?');
      expect(error).not.toContain('Usage');
    },
  );

  it.each([
    ['an unknown gateway', ['gateway-config', 'squid', ...UPSTREAM], 'Name one gateway: nginx, '],
    ['none at all', ['gateway-config'], 'Name one gateway: nginx, '],
    ['an upstream that is missing', ['gateway-config', 'nginx'], '--upstream is missing.'],
    ['an unknown option', ['gateway-config', 'nginx', ...UPSTREAM, '--x'], "Unknown option '--x'"],
    ['an unknown command', ['gateway'], 'there are "serve", "migrate" and "gateway-config"'],
  ])('ends with 2 for %s, and says on standard error alone what to do', async (__, args, words) => {
    const { code, out, error } = await run(entry, ...args);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(words);
    if (args[0] === 'gateway-config') expect(error).toContain('\nUsage: gateway-config <nginx|');
  });
});

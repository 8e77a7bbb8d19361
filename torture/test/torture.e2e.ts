import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/create-test-database.js';

// Processes of the service are started from their sources, and a machine may have other things to do.
jest.setTimeout(240_000);

const ROOT = path.resolve(import.meta.dirname, '../..');
const FROM_SOURCES = ['--conditions=@countersign/source', '--import', '@oxc-node/core/register'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

interface Tortured {
  readonly exitCode: number | null;
  readonly output: string;
}

function torture(...args: string[]): Promise<Tortured> {
  const child = spawn(process.execPath, [...FROM_SOURCES, 'torture/src/main.ts', ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      DATABASE_URL: database.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

describe('three replicas and their local verifiers, under faults', () => {
  it('keep what is promised', async () => {
    const { exitCode, output } = await torture('--seeds', '2', '--seed', '1', '--seconds', '5');
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/^No violation\.$/m),
    });
    expect(output).toMatch(/taken: .*\d+ confirmed/);
  });
});

describe('what is broken on purpose is noticed, with a schedule that shows it', () => {
  it.each([
    ['confirm-at-once', 'accepted-by-replica'],
    ['lease-ignored', 'accepted-by-replica'],
  ])('%s', async (sabotage, clause) => {
    const { exitCode, output } = await torture(
      '--sabotage',
      sabotage,
      '--seed',
      '1',
      '--seeds',
      '4',
    );
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: expect.stringContaining(clause) });
    expect(output).toMatch(/^seed \d+ shows it by this schedule:\n\{"seed":\d+,/m);
  });
});

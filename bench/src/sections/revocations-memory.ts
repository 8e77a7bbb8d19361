import { setTimeout as delay } from 'node:timers/promises';
import { type Dataset, DEFAULT_ARGON2_MEMORY_KIB, databaseName } from '../data/dataset.js';
import { residentBytes } from '../measure/memory.js';
import { formatCount, formatMib, formatNumber } from '../report/format.js';
import type { Section, SectionRun } from './section.js';

const ENTRIES = 300_000;
const SETTLE_SECONDS = 3;
const DATASET: Dataset = {
  keys: 100,
  keysPerPrincipal: 1,
  argon2MemoryKib: DEFAULT_ARGON2_MEMORY_KIB,
};

/** What revocations that are in force take of the service's memory, and of its start. */
export const revocationsMemory: Section = {
  name: 'revocations-memory',
  async run(run) {
    const without = await measure(run, 'no revocations');
    run.say(`revoking ${formatCount(ENTRIES)} tokens`);
    await run.lab.postgres.run(databaseName(DATASET), [REVOKE]);
    const full = await measure(run, `${formatCount(ENTRIES)} revocations`);
    const bytesEach = (full.residentBytes - without.residentBytes) / ENTRIES;
    return [
      {
        title: 'Revocations in force: memory and start of one process',
        columns: ['', 'resident\nMiB', 'start\ns'],
        rows: [without, full].map(({ name, residentBytes: bytes, startedInSeconds }) => [
          name,
          formatMib(bytes),
          formatNumber(startedInSeconds),
        ]),
        notes: [
          `resident: ${SETTLE_SECONDS} s after the start; nothing forces a garbage collection`,
          `about ${formatNumber(bytesEach)} bytes a revocation, what is not collected yet included`,
        ],
      },
    ];
  },
};

async function measure({ lab, say }: SectionRun, name: string) {
  say(name);
  const service = await lab.startService(DATASET);
  await delay(SETTLE_SECONDS * 1000);
  const bytes = residentBytes(service.pid);
  await service.program.stop();
  return { name, residentBytes: bytes, startedInSeconds: service.startedInSeconds };
}

const REVOKE = `
  WITH head AS (
    UPDATE change_head SET position = position + ${ENTRIES} WHERE id = 1
    RETURNING position - ${ENTRIES} AS position
  ), revoked AS (
    SELECT head.position + n AS position, gen_random_uuid()::text AS jti
    FROM head, generate_series(1, ${ENTRIES}) AS n
  ), appended AS (
    INSERT INTO changes (position, kind, subject) SELECT position, 'revocation', jti FROM revoked
  )
  INSERT INTO revocations (position, type, id, final, expires_at, audiences)
  SELECT position, 'jti', jti, true, now() + interval '1 day', '{https://rs256.bench.example}'
  FROM revoked`;

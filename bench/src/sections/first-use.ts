import { DEFAULT_ARGON2_MEMORY_KIB, STANDARD } from '../data/dataset.js';
import { runClosedLoop } from '../load/closed-loop.js';
import { ACTIVE } from '../load/expectation.js';
import { introspectRequest, type RequestSource } from '../load/requests.js';
import { interleave } from '../measure/interleave.js';
import type { Throughput } from '../measure/throughput.js';
import type { Argon2Command } from '../processes/argon2-command.js';
import { compare } from '../report/comparison.js';
import { formatNumber } from '../report/format.js';
import type { Section, SectionRun } from './section.js';
import { warmUp } from './warm-up.js';

/** The first use of each key, all the way, beside a bare argon2 verification. */
export const firstUse: Section = {
  name: 'first-use',
  async run({ lab, options, say }) {
    const service = await lab.startService(STANDARD);
    const bare = lab.startCommanded<Argon2Command, Throughput>('argon2-loop');
    const loop = { ...service, requests: unusedKeys({ lab }), expected: ACTIVE };
    const argon2 = {
      secretHash: await lab.keys.secretHash(DEFAULT_ARGON2_MEMORY_KIB),
      secret: lab.keys.secretPart,
    };
    say('measuring');
    await bare.ask({ ...argon2, seconds: 1 });
    await warmUp(loop);
    const postgresMicros: number[] = [];
    const pair = await interleave(
      options.rounds,
      () => bare.ask({ ...argon2, seconds: options.seconds }),
      async () => {
        const before = lab.postgres.cpuSeconds();
        const measured = await runClosedLoop({ ...loop, seconds: options.seconds });
        const micros = (lab.postgres.cpuSeconds() - before) * 1e6;
        postgresMicros.push(micros / (measured.perSecond * options.seconds));
        return measured;
      },
    );
    const table = compare(
      {
        title: `First use of a key (argon2id, ${DEFAULT_ARGON2_MEMORY_KIB} KiB, one pass)`,
        unit: 'use',
        reference: 'bare',
        ours: 'ours',
        notes: [
          'ours: POST /introspect of a key never presented before: HTTP, tag, database, argon2, answer',
          'bare: argon2.verify with the same parameters, four at a time, no HTTP and no database',
          `besides, Postgres used about ${formatNumber(Math.min(...postgresMicros))} CPU µs per use, best`,
        ],
      },
      [{ name: 'first use', pair }],
    );
    return [table];
  },
};

function unusedKeys({ lab }: Pick<SectionRun, 'lab'>): RequestSource {
  let index = 0;
  return () => {
    index += 1;
    if (index > STANDARD.keys) {
      throw new Error(`all ${STANDARD.keys} keys were used; take fewer rounds or seconds`);
    }
    return introspectRequest(lab.keys.introspector(), lab.keys.text(index));
  };
}

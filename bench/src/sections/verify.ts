import { interleave } from '../measure/interleave.js';
import type { Throughput } from '../measure/throughput.js';
import type { VerifyCommand } from '../processes/verify-command.js';
import { compare } from '../report/comparison.js';
import type { Commanded } from '../running/commanded.js';
import { issueTokens, type TokenSubject } from './issue-tokens.js';
import type { Section, SectionRun } from './section.js';

const WARM_UP_SECONDS = 1;

/** libs/verify remembers no token, so that each use is a first one: as a backend uses it, beside a bare `crypto.verify`. */
export const verify: Section = {
  name: 'verify',
  async run(run) {
    run.say('issuing tokens');
    const subjects = await issueTokens(run);
    const process = run.lab.startCommanded<VerifyCommand, Throughput>('verify-loop');
    const lines = [];
    for (const subject of subjects) {
      run.say(`measuring ${subject.alg}`);
      lines.push({ name: subject.alg, pair: await measure(run, process, subject) });
    }
    const table = compare(
      {
        title: '@countersign/verify of a token not seen before (in process, no HTTP)',
        unit: 'token',
        reference: 'bare',
        ours: 'ours',
        notes: [
          'ours: LocalVerifier.verify: form, signature, claims, times, audience, principal',
          'bare: crypto.verify of octets, signature and key that were made ready before',
        ],
      },
      lines,
    );
    return [table];
  },
};

async function measure(
  { options }: SectionRun,
  process: Commanded<VerifyCommand, Throughput>,
  subject: TokenSubject,
) {
  const run = (side: VerifyCommand['side'], seconds: number) =>
    process.ask({ ...subject, side, seconds });
  await run('reference', WARM_UP_SECONDS);
  await run('ours', WARM_UP_SECONDS);
  // Half as long as over HTTP: nothing here waits for anything.
  const seconds = options.seconds / 2;
  return interleave(
    options.rounds,
    () => run('reference', seconds),
    () => run('ours', seconds),
  );
}

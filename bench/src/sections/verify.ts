import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@countersign/contracts';
import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { audienceOf } from '../data/seed.js';
import { askOnce } from '../load/ask-once.js';
import { ISSUED } from '../load/expectation.js';
import { clientCredentialsRequest } from '../load/requests.js';
import { interleave } from '../measure/interleave.js';
import type { Throughput } from '../measure/throughput.js';
import type { VerifyCommand } from '../processes/verify-command.js';
import { compare } from '../report/comparison.js';
import type { Commanded } from '../running/commanded.js';
import type { Service } from '../running/service.js';
import type { Section, SectionRun } from './section.js';

// libs/verify remembers no token, so that each use is a first one; many, for the CPU's caches.
const TOKENS = 200;
const WARM_UP_SECONDS = 1;

/** libs/verify, as a backend uses it, beside a bare `crypto.verify`. */
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

type Subject = Omit<VerifyCommand, 'side' | 'seconds'>;

/** Real tokens, with the keys as the service publishes them. */
async function issueTokens(run: SectionRun): Promise<Subject[]> {
  const service = await run.lab.startService(STANDARD);
  const { issuer, port } = service;
  const published = await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`);
  const jwks = (await published.json()) as VerifyCommand['jwks'];
  const subjects: Subject[] = [];
  for (const alg of SIGNING_ALGORITHMS) {
    const tokens = await tokensOf(run, service, alg);
    subjects.push({ alg, issuer, jwks, tokens, audience: audienceOf(alg) });
  }
  await service.program.stop();
  return subjects;
}

async function tokensOf({ lab }: SectionRun, { port }: Service, alg: SigningAlgorithm) {
  const request = clientCredentialsRequest(keyId(1), lab.keys.text(1), audienceOf(alg));
  const tokens: string[] = [];
  while (tokens.length < TOKENS) {
    const { body } = await askOnce(port, request, ISSUED);
    tokens.push((JSON.parse(body) as { access_token: string }).access_token);
  }
  return tokens;
}

async function measure(
  { options }: SectionRun,
  process: Commanded<VerifyCommand, Throughput>,
  subject: Subject,
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

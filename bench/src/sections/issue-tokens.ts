import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@countersign/contracts';
import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { audienceOf } from '../data/seed.js';
import { askOnce } from '../load/ask-once.js';
import { ISSUED } from '../load/expectation.js';
import { clientCredentialsRequest } from '../load/requests.js';
import type { VerifyCommand } from '../processes/verify-command.js';
import type { Service } from '../running/service.js';
import type { SectionRun } from './section.js';

// Many, for the CPU's caches.
const TOKENS = 200;

/** Tokens of one algorithm, and all that a verifier of them has to know. */
export type TokenSubject = Omit<VerifyCommand, 'side' | 'seconds'>;

/** Real tokens, with the keys as the service publishes them. */
export async function issueTokens(run: SectionRun): Promise<TokenSubject[]> {
  const service = await run.lab.startService(STANDARD);
  const { issuer, port } = service;
  const published = await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`);
  const jwks = (await published.json()) as VerifyCommand['jwks'];
  const subjects: TokenSubject[] = [];
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

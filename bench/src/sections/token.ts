import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { audienceOf } from '../data/seed.js';
import { askOnce, type KeptAnswer } from '../load/ask-once.js';
import { runClosedLoop } from '../load/closed-loop.js';
import { ISSUED } from '../load/expectation.js';
import { always, clientCredentialsRequest } from '../load/requests.js';
import { compare } from '../report/comparison.js';
import { formatCount } from '../report/format.js';
import type { Reference } from '../running/reference.js';
import type { SignatureForm, SignedAlgorithm, SignedBody } from '../running/reference-config.js';
import type { Service } from '../running/service.js';
import { compareOverHttp } from './compare-over-http.js';
import { headersLike } from './same-answer.js';
import type { Section, SectionRun } from './section.js';
import { warmUp } from './warm-up.js';

const ALGORITHMS: readonly SignedAlgorithm[] = ['RS256', 'ES256'];
const FORMS: readonly SignatureForm[] = ['synchronous', 'thread pool'];
const TRIAL_SECONDS = 1;
const KEY = 1;

/** `POST /token` with a known key, beside a bare Fastify that makes one bare signature. */
export const token: Section = {
  name: 'token',
  async run(run) {
    const service = await run.lab.startService(STANDARD);
    const lines = [];
    const notes = ['bare: a Fastify that parses the form and signs once by node:crypto'];
    for (const alg of ALGORITHMS) {
      const request = requestFor(run, alg);
      const { reference, note } = await fasterReference(run, service, alg, request);
      notes.push(note);
      run.say(`measuring ${alg}`);
      const compared = await compareOverHttp({
        ...run.options,
        service,
        reference,
        requests: always(request),
        expected: ISSUED,
      });
      await reference.program.stop();
      lines.push({ name: alg, ...compared });
    }
    const title = 'POST /token (client_credentials with a known key by HTTP Basic)';
    return [compare({ title, unit: 'request', reference: 'bare', ours: 'ours', notes }, lines)];
  },
};

function requestFor({ lab }: SectionRun, alg: SignedAlgorithm): Buffer {
  return clientCredentialsRequest(keyId(KEY), lab.keys.text(KEY), audienceOf(alg));
}

/** The reference signs in whichever form is faster here; a short trial tells. */
async function fasterReference(
  { lab, say }: SectionRun,
  service: Service,
  alg: SignedAlgorithm,
  request: Buffer,
): Promise<{ reference: Reference; note: string }> {
  const answer = await askOnce(service.port, request, ISSUED);
  const trials = [];
  for (const form of FORMS) {
    say(`trying the bare ${alg} signature: ${form}`);
    const reference = await lab.startReference({
      ...headersLike(answer),
      path: '/token',
      body: signedLike(answer, alg, form),
    });
    const loop = { ...reference, requests: always(request), expected: ISSUED };
    await warmUp(loop);
    const { perSecond } = await runClosedLoop({ ...loop, seconds: TRIAL_SECONDS });
    trials.push({ form, reference, perSecond });
  }
  const [best, ...others] = trials.toSorted((a, b) => b.perSecond - a.perSecond);
  if (best === undefined) throw new Error('there was no trial');
  for (const other of others) await other.reference.program.stop();
  const rates = [best, ...others].map((each) => `${each.form} (${formatCount(each.perSecond)}/s)`);
  return {
    reference: best.reference,
    note: `bare ${alg} signs the faster way: ${rates.join(', not ')}`,
  };
}

/** The service's answer, with a place for another signature. */
function signedLike(answer: KeptAnswer, alg: SignedAlgorithm, form: SignatureForm): SignedBody {
  const { access_token: jws } = JSON.parse(answer.body) as { access_token: string };
  const signingInput = jws.slice(0, jws.lastIndexOf('.'));
  const start = answer.body.indexOf(jws);
  return {
    kind: 'signed',
    alg,
    form,
    before: answer.body.slice(0, start + signingInput.length + 1),
    signingInput,
    after: answer.body.slice(start + jws.length),
  };
}

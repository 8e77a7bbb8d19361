import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { askOnce } from '../load/ask-once.js';
import { ISSUED, LET_THROUGH } from '../load/expectation.js';
import {
  always,
  clientCredentialsRequest,
  forwardAuthRequest,
  type RequestSource,
  rotating,
} from '../load/requests.js';
import { compare } from '../report/comparison.js';
import type { Service } from '../running/service.js';
import { compareOverHttp } from './compare-over-http.js';
import { makeKnown } from './make-known.js';
import { headersLike } from './same-answer.js';
import type { Section, SectionRun } from './section.js';

const MANY_KEYS = 10_000;
const KEY = 1;

/** `/forward-auth` about what the service knows already, beside a bare Fastify. */
export const forwardAuth: Section = {
  name: 'forward-auth',
  async run(run) {
    const service = await run.lab.startService(STANDARD);
    const lines = [
      { name: 'a known key', ...(await measure(run, service, knownKey(run))) },
      {
        name: 'a JWT seen before',
        ...(await measure(run, service, await knownJwt(run, service))),
      },
      {
        name: `${MANY_KEYS.toLocaleString('en-US')} known keys`,
        ...(await measure(run, service, await manyKeys(run, service))),
      },
    ];
    const table = compare(
      {
        title: 'GET /forward-auth (credential as Bearer)',
        unit: 'request',
        reference: 'bare',
        ours: 'ours',
        notes: [
          'bare: a Fastify that answers the same headers, without a body',
          'ours signs a token (RS256) for each credential every 30 s, which is in these figures',
        ],
      },
      lines,
    );
    return [table];
  },
};

async function measure(
  { lab, options, say }: SectionRun,
  service: Service,
  requests: RequestSource,
) {
  say('measuring');
  const answer = await askOnce(service.port, requests(), LET_THROUGH);
  const reference = await lab.startReference({
    ...headersLike(answer),
    path: '/forward-auth',
    body: { kind: 'fixed', text: answer.body },
  });
  const compared = await compareOverHttp({
    ...options,
    service,
    reference,
    requests,
    expected: LET_THROUGH,
  });
  await reference.program.stop();
  return compared;
}

function knownKey({ lab }: SectionRun): RequestSource {
  return always(forwardAuthRequest(lab.keys.text(KEY)));
}

async function knownJwt({ lab }: SectionRun, service: Service): Promise<RequestSource> {
  const request = clientCredentialsRequest(keyId(KEY), lab.keys.text(KEY), service.issuer);
  const { body } = await askOnce(service.port, request, ISSUED);
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return always(forwardAuthRequest(token));
}

async function manyKeys({ lab, say }: SectionRun, service: Service): Promise<RequestSource> {
  say('presenting the keys for the first time');
  await makeKnown(lab.keys, service, MANY_KEYS);
  return rotating(
    Array.from({ length: MANY_KEYS }, (_, at) => forwardAuthRequest(lab.keys.text(at + 1))),
  );
}

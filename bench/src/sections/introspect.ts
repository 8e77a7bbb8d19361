import { askOnce } from '../load/ask-once.js';
import { ACTIVE, ISSUED } from '../load/expectation.js';
import {
  always,
  clientCredentialsRequest,
  introspectRequest,
  type RequestSource,
  rotating,
} from '../load/requests.js';
import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { compare } from '../report/comparison.js';
import type { Service } from '../running/service.js';
import { compareOverHttp } from './compare-over-http.js';
import { makeKnown } from './make-known.js';
import { headersLike } from './same-answer.js';
import type { Section, SectionRun } from './section.js';

const MANY_KEYS = 10_000;
const KEY = 1;

/** `POST /introspect` of what the service knows already, beside a bare Fastify. */
export const introspect: Section = {
  name: 'introspect',
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
        title: 'POST /introspect (form; caller authenticated by X-API-Key)',
        unit: 'request',
        reference: 'bare',
        ours: 'ours',
        notes: ['bare: a Fastify that parses the form and answers the same headers and body'],
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
  const answer = await askOnce(service.port, requests(), ACTIVE);
  const reference = await lab.startReference({
    ...headersLike(answer),
    path: '/introspect',
    body: { kind: 'fixed', text: answer.body },
  });
  const compared = await compareOverHttp({
    ...options,
    service,
    reference,
    requests,
    expected: ACTIVE,
  });
  await reference.program.stop();
  return compared;
}

function knownKey({ lab }: SectionRun): RequestSource {
  return always(introspectRequest(lab.keys.introspector(), lab.keys.text(KEY)));
}

async function knownJwt({ lab }: SectionRun, service: Service): Promise<RequestSource> {
  const request = clientCredentialsRequest(keyId(KEY), lab.keys.text(KEY), service.issuer);
  const { body } = await askOnce(service.port, request, ISSUED);
  const { access_token: token } = JSON.parse(body) as { access_token: string };
  return always(introspectRequest(lab.keys.introspector(), token));
}

async function manyKeys({ lab, say }: SectionRun, service: Service): Promise<RequestSource> {
  say('presenting the keys for the first time');
  return rotating(await makeKnown(lab.keys, service, MANY_KEYS));
}

import { keyId } from '../data/bench-keys.js';
import { STANDARD } from '../data/dataset.js';
import { audienceOf } from '../data/seed.js';
import { askOnce } from '../load/ask-once.js';
import { ALLOWED, ISSUED } from '../load/expectation.js';
import { always, clientCredentialsRequest, verifyRequest } from '../load/requests.js';
import { compare } from '../report/comparison.js';
import type { Service } from '../running/service.js';
import { compareOverHttp } from './compare-over-http.js';
import { headersLike } from './same-answer.js';
import type { Section, SectionRun } from './section.js';

const KEY = 1;
const CONTEXT = { context: { ip: '192.0.2.1', method: 'GET', path: '/users/1' }, cost: 1 };
const WHOLE = {
  ...CONTEXT,
  audience: audienceOf('RS256'),
  required_scopes: { all: ['read:users', { any: ['write:users', 'delete:users'] }] },
};

/** `POST /v1/verify` of what the service knows already, beside a bare Fastify. */
export const verifyApi: Section = {
  name: 'verify-api',
  async run(run) {
    const service = await run.lab.startService(STANDARD);
    const key = run.lab.keys.text(KEY);
    const jwt = await issuedJwt(run, service);
    const lines = [
      { name: 'a known key, no more', ...(await measure(run, service, key, {})) },
      {
        name: 'a known key, with audience, scopes, context',
        ...(await measure(run, service, key, WHOLE)),
      },
      {
        name: 'a JWT seen before, with context',
        ...(await measure(run, service, jwt, CONTEXT)),
      },
    ];
    const table = compare(
      {
        title: 'POST /v1/verify (JSON; caller authenticated by X-API-Key)',
        unit: 'request',
        reference: 'bare',
        ours: 'ours',
        notes: ['bare: a Fastify that parses the JSON and answers the same headers and body'],
      },
      lines,
    );
    return [table];
  },
};

async function measure(
  { lab, options, say }: SectionRun,
  service: Service,
  credential: string,
  more: object,
) {
  say('measuring');
  const request = verifyRequest(lab.keys.introspector(), { credential, ...more });
  const answer = await askOnce(service.port, request, ALLOWED);
  const reference = await lab.startReference({
    ...headersLike(answer),
    path: '/v1/verify',
    body: { kind: 'fixed', text: answer.body },
  });
  const compared = await compareOverHttp({
    ...options,
    service,
    reference,
    requests: always(request),
    expected: ALLOWED,
  });
  await reference.program.stop();
  return compared;
}

async function issuedJwt({ lab }: SectionRun, service: Service): Promise<string> {
  const request = clientCredentialsRequest(keyId(KEY), lab.keys.text(KEY), service.issuer);
  const { body } = await askOnce(service.port, request, ISSUED);
  return (JSON.parse(body) as { access_token: string }).access_token;
}

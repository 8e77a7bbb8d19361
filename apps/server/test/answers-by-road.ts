import type { ServiceError } from '@grpc/grpc-js';
import type { EndClientsRequest, ExtAuthzClient } from './ext-authz-client.js';
import { type Answer, asApiKey, asBearer } from './http-client.js';
import type { ServiceUnderTest } from './service-under-test.js';

/** What is asked besides who somebody is. */
interface AskedOf {
  /** Without one, our own issuer. */
  readonly audience?: string;
  readonly scope: string;
}

/** What the service answers about one credential, in short, by every road that it can come by. */
export async function answersByRoad(
  service: ServiceUnderTest,
  envoy: ExtAuthzClient,
  credential: string,
  { audience, scope }: AskedOf,
) {
  const { http } = service;
  const caller = asApiKey(service.adminKey);
  const at = audience === undefined ? {} : { audience };
  const query = new URLSearchParams({ ...at, scopes: scope }).toString();
  const asked = { credential, ...at, required_scopes: scope, explain: true };
  const resource = { type: 'resource_server', id: audience ?? service.url };
  const subject = { type: 'credential', id: credential };
  const evaluation = { subject, action: { name: scope }, resource };
  const [introspected, exchanged, authorized, decided, evaluated, whoami, checked] =
    await Promise.all([
      http.form('/introspect', { token: credential }, caller),
      http.form('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: credential,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        ...at,
      }),
      http.get(`/forward-auth?${query}`, asBearer(credential)),
      http.json('POST', '/v1/verify', asked, caller),
      http.json('POST', '/access/v1/evaluation', evaluation, caller),
      http.get('/whoami', asBearer(credential)),
      checkedBy(envoy, { headers: asBearer(credential), requirement: { ...at, scopes: scope } }),
    ]);
  return {
    introspection: introspected.json,
    exchange: [exchanged.status, exchanged.json.error ?? 'issued', exchanged.json.scope],
    forwardAuth: [authorized.status, challengeOf(authorized), subjectIn(authorized)],
    decision: decided.status === 200 ? decided.json : decided.status,
    evaluation: evaluated.status === 200 ? evaluated.json : evaluated.status,
    whoami: [whoami.status, challengeOf(whoami)],
    extAuthz: checked,
  };
}

/** Envoy answers its end client 503 where the call itself fails. */
async function checkedBy(envoy: ExtAuthzClient, request: EndClientsRequest) {
  try {
    const { httpStatus = 200, headers } = await envoy.check(request);
    return [
      httpStatus,
      headers['www-authenticate'] ?? null,
      headers['x-principal-subject'] ?? null,
    ];
  } catch (error) {
    return [(error as ServiceError).code, null, null];
  }
}

function challengeOf({ headers }: Answer): string | null {
  return headers.get('www-authenticate');
}

function subjectIn({ headers }: Answer): string | null {
  return headers.get('x-principal-subject');
}

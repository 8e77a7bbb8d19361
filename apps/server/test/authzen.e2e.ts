import { evaluationResponse, evaluationsResponse } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../test/certificate-authority.js';
import type { NewKey } from './admin-client.js';
import { DpopClient } from './dpop-client.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const ORDERS = 'https://orders.example.com';
const BILLING = 'https://billing.example.com';
const EVALUATION = '/access/v1/evaluation';
const EVALUATIONS = '/access/v1/evaluations';

let service: ServiceUnderTest;
let gate: NewKey;
let key: NewKey;
let revoked: NewKey;
let token: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  const { admin } = service;
  gate = await admin.newKey(['countersign:introspect:any']);
  await admin.createResourceServer(ORDERS, { scopes: ['orders:read', 'orders:write'] });
  await admin.createResourceServer(BILLING, { scopes: ['bills:read'] });
  key = await admin.newKey(['orders:read', 'bills:read']);
  token = await service.tokenFor(key.key, { audience: ORDERS });
  revoked = await admin.newKey(['orders:read']);
  await admin.revokeKey(revoked.id);
});

afterAll(() => service.stop());

const action = (name: string) => ({ name });
const api = (id = ORDERS) => ({ type: 'resource_server', id });
const credential = (id: string) => ({ type: 'credential', id });

function evaluation(more: object = {}) {
  const asked = { subject: credential(key.key), action: action('orders:read'), resource: api() };
  return { ...asked, ...more };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return service.http.json('POST', path, body, { ...asApiKey(gate.key), ...headers });
}

async function evaluate(body: object) {
  const { status, text, json } = await post(EVALUATION, body);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return evaluationResponse.parse(json);
}

async function evaluateAll(body: object) {
  const { status, text, json } = await post(EVALUATIONS, body);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const answer = evaluationsResponse.parse(json);
  return 'evaluations' in answer ? answer.evaluations : answer;
}

/** `ok`, or the code of a denial. */
async function codeOf(more: object): Promise<string | undefined> {
  const { decision, context } = await evaluate(evaluation(more));
  const code = context?.code ?? 'ok';
  expect(decision).toBe(code === 'ok');
  return code;
}

describe('an access evaluation (AuthZEN §6)', () => {
  it('permits a use of a key and of a JWT, with decision true and nothing else', async () => {
    for (const id of [key.key, token]) {
      expect(await evaluate(evaluation({ subject: credential(id) }))).toEqual({ decision: true });
    }
    const { headers } = await post(EVALUATION, evaluation());
    // §10.1: application/json
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('denies with 200, decision false and the code of the decision API (§10.1.2)', async () => {
    expect(await evaluate(evaluation({ action: action('orders:write') }))).toEqual({
      decision: false,
      context: {
        code: 'insufficient_scope',
        failures: [{ check: 'scopes', code: 'insufficient_scope', detail: expect.any(String) }],
      },
    });
  });

  it.each<[string, () => object]>([
    ['insufficient_scope', () => ({ action: action('') })],
    ['insufficient_scope', () => ({ action: action('bills:read') })],
    ['ok', () => ({ action: action('bills:read'), resource: api(BILLING) })],
    ['wrong_audience', () => ({ subject: credential(token), resource: api(BILLING) })],
    ['insufficient_scope', () => ({ resource: api('nobody') })],
    ['unsupported_resource', () => ({ resource: { type: 'document', id: ORDERS } })],
    ['invalid_credential', () => ({ subject: credential(revoked.key) })],
    ['invalid_credential', () => ({ subject: credential('nonsense') })],
    ['invalid_credential', () => ({ subject: credential('') })],
    ['unsupported_subject', () => ({ subject: { type: 'group', id: key.key } })],
    ['unsupported_subject', () => ({ subject: { type: 'service', id: key.principal_id } })],
  ])('%s: row %#', async (code, more) => {
    expect(await codeOf(more())).toBe(code);
  });

  it('takes a principal as the subject, with the credential that has to stand for it', async () => {
    const subject = (type: string, id: string, presented = key.key) => ({
      subject: { type, id, properties: { credential: presented, department: 'Sales' } },
    });
    expect(await codeOf(subject('service', key.principal_id))).toBe('ok');
    expect(await codeOf(subject('service', key.principal_id, token))).toBe('ok');
    expect(await codeOf(subject('user', key.principal_id))).toBe('invalid_credential');
    expect(await codeOf(subject('service', gate.principal_id))).toBe('invalid_credential');
    expect(await codeOf(subject('service', 'alice'))).toBe('invalid_credential');
  });

  it('holds the restrictions against the context', async () => {
    const restrictions = { ips: ['192.0.2.0/24'], methods: ['GET'], paths: ['/orders/*'] };
    const { key: restricted } = await service.admin.newKey(['orders:read'], {
      key: { restrictions },
    });
    const subject = credential(restricted);
    const context = { ip: '192.0.2.7', method: 'GET', path: '/orders/1' };
    expect(await codeOf({ subject, context })).toBe('ok');
    expect(await codeOf({ subject, context: { ...context, ip: '::1' } })).toBe('ip_not_allowed');
    expect(await codeOf({ subject })).toBe('ip_not_allowed');
  });

  it('MUST ignore fields that it does not know (§10.1.1)', async () => {
    const asked = evaluation({
      context: { time: '1985-10-26T01:22-07:00', unknown: { a: [1] } },
      subject: { ...credential(key.key), properties: { device_id: 1 }, more: true },
      another: 'field',
    });
    expect(await evaluate(asked)).toEqual({ decision: true });
  });

  it.each([
    ['subject', { subject: undefined }],
    ['action', { action: undefined }],
    ['resource', { resource: undefined }],
    ['subject.id', { subject: { type: 'credential' } }],
    ['subject.type', { subject: { id: 'x' } }],
    ['resource.id', { resource: { type: 'resource_server' } }],
    ['action.name', { action: {} }],
    ['action.name', { action: { name: 1 } }],
    ['context', { context: null }],
    ['context.ip', { context: { ip: 1 } }],
  ])('without %s as it must be is 400 with a message (§10.1.1, §10.1.2)', async (field, more) => {
    const answer = await post(EVALUATION, evaluation(more));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'text/plain; charset=utf-8',
    ]);
    expect(answer.text).toContain(`${field} `);
    expect(answer.text).not.toContain(key.key);
  });

  it('MUST be an object in application/json, without members named twice (§10.1.1, §11.5)', async () => {
    const headers = { ...asApiKey(gate.key), 'content-type': 'application/json' };
    for (const body of ['[]', '"x"', 'null', '', '{"subject":', '{"a":1,"a":1}']) {
      const answer = await service.http.call(EVALUATION, { method: 'POST', headers, body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    const form = await service.http.form(EVALUATION, { subject: 'x' }, asApiKey(gate.key));
    expect(form.status).toBe(415);
    expect((await service.http.get(EVALUATION, headers)).status).toBe(405);
  });

  it('is for callers that may introspect; others get 401 or 403 and a challenge (§11.3)', async () => {
    const rows = [
      [200, asBearer(gate.key)],
      [200, asBasic(gate.id, gate.key)],
      [401, {}],
      [401, asApiKey('nonsense')],
      [403, asApiKey(key.key)],
    ] as const;
    for (const [status, headers] of rows) {
      const answer = await service.http.json('POST', EVALUATION, evaluation(), headers);
      expect(answer.status).toBe(status);
      if (status !== 200) expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  it('MUST include the request identifier of the request, the same one (§10.1.3)', async () => {
    for (const id of ['bfe9eb29-ab87-4ca3-be83-a1d5d8305716', 'a (rather) odd/one; "quoted"']) {
      for (const [path, body] of [
        [EVALUATION, evaluation()],
        [EVALUATION, {}],
        [EVALUATIONS, { ...evaluation(), evaluations: [{}] }],
      ] as const) {
        const { headers } = await post(path, body, { 'x-request-id': id });
        expect(headers.get('x-request-id')).toBe(id);
      }
    }
  });
});

describe('access evaluations (AuthZEN §7)', () => {
  const [yes, no] = [action('orders:read'), action('orders:write')];

  it('without any behave as one evaluation (§7.1)', async () => {
    expect(await evaluateAll(evaluation())).toEqual({ decision: true });
    expect(await evaluateAll(evaluation({ evaluations: [] }))).toEqual({ decision: true });
    expect((await post(EVALUATIONS, { subject: credential('x') })).status).toBe(400);
  });

  it('are answered in their order, each with the defaults that it does not replace (§7.1.1, §7.2)', async () => {
    const answers = await evaluateAll({
      subject: credential(key.key),
      action: yes,
      resource: api(),
      context: { ip: '192.0.2.1' },
      evaluations: [
        {},
        { action: no },
        { resource: api(BILLING), action: action('bills:read') },
        { subject: credential(revoked.key) },
        { context: {} },
      ],
    });
    expect(answers).toMatchObject([
      { decision: true },
      { decision: false, context: { code: 'insufficient_scope' } },
      { decision: true },
      { decision: false, context: { code: 'invalid_credential' } },
      { decision: true },
    ]);
  });

  it.each([
    ['execute_all', [true, false, true, false]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
    [undefined, [true, false, true, false]],
  ])('with %s stop where they should (§7.1.2.1)', async (evaluations_semantic, expected) => {
    const evaluations = [yes, no, yes, no].map((one) => ({ action: one }));
    const answers = await evaluateAll({
      subject: credential(key.key),
      resource: api(),
      evaluations,
      options: { evaluations_semantic, another_option: 'value' },
    });
    expect(answers).toMatchObject(expected.map((decision) => ({ decision })));
  });

  it('go on to the first permit', async () => {
    const evaluations = [no, no, yes, no].map((one) => evaluation({ action: one }));
    const options = { evaluations_semantic: 'permit_on_first_permit' };
    const answers = await evaluateAll({ evaluations, options });
    expect(answers).toMatchObject([{ decision: false }, { decision: false }, { decision: true }]);
  });

  it.each<[string, () => object]>([
    [
      'evaluations.1.resource',
      () => ({ evaluations: [evaluation(), { ...evaluation(), resource: undefined }] }),
    ],
    ['evaluations.0.action', () => ({ ...evaluation(), evaluations: [{ action: {} }] })],
    ['evaluations', () => ({ ...evaluation(), evaluations: times(101) })],
    ['evaluations', () => ({ ...evaluation(), evaluations: {} })],
    [
      'options.evaluations_semantic',
      () => ({ ...evaluation(), evaluations: [{}], options: { evaluations_semantic: 'x' } }),
    ],
  ])('with wrong %s are 400 with a message', async (field, body) => {
    const answer = await post(EVALUATIONS, body());
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(field);
  });

  it('may be a hundred', async () => {
    const answers = await evaluateAll({ ...evaluation(), evaluations: times(100) });
    expect(answers).toEqual(times(100, { decision: true }));
  });
});

function times(count: number, value: object = {}): object[] {
  return Array.from({ length: count }, () => value);
}

describe('an evaluation of a bound token', () => {
  const url = `${ORDERS}/orders`;
  let prover: DpopClient;
  let bound: string;

  beforeAll(async () => {
    prover = new DpopClient(service.http);
    const form = { grant_type: 'client_credentials', audience: ORDERS };
    bound = (await prover.form('/token', form, asApiKey(key.key))).json.access_token;
  });

  const subject = () => credential(bound);
  const proven = async (prove = prover) => {
    const { dpop } = await prove.headers('GET', '', bound, { htu: url });
    return { method: 'GET', url, dpop_proof: dpop };
  };

  it('RFC 9449 §7.1: permits with a good proof, once, and never without', async () => {
    expect(await codeOf({ subject: subject() })).toBe('binding_unproven');
    const context = await proven();
    for (const wrong of [
      { ...context, method: 'POST' },
      { ...context, url: `${ORDERS}/other` },
      { ...context, dpop_proof: 'x' },
    ]) {
      expect(await codeOf({ subject: subject(), context: wrong })).toBe('binding_unproven');
    }
    expect(await codeOf({ subject: subject(), context })).toBe('ok');
    expect(await codeOf({ subject: subject(), context })).toBe('binding_unproven');
    const thief = new DpopClient(service.http);
    thief.nonce = prover.nonce;
    const stolen = { subject: subject(), context: await proven(thief) };
    expect(await codeOf(stolen)).toBe('binding_unproven');
  });

  it('RFC 9449 §9: says which nonce the next proof needs', async () => {
    const fresh = new DpopClient(service.http);
    const context = await proven(fresh);
    const { decision, context: why } = await evaluate(evaluation({ subject: subject(), context }));
    expect([decision, why?.code]).toEqual([false, 'binding_unproven']);
    fresh.nonce = why?.dpop_nonce;
    const again = await evaluate(evaluation({ subject: subject(), context: await proven(fresh) }));
    // Another key than the token's, but nothing more is wrong with the proof.
    expect(again.context?.dpop_nonce).not.toBe(why?.dpop_nonce);
  });

  it('RFC 9449 §11.1: uses a proof once for all questions about one request', async () => {
    const context = await proven();
    const asked = {
      ...evaluation({ subject: subject(), context }),
      evaluations: [{}, { action: action('orders:write') }, {}],
    };
    const decisions = async () => {
      const answers = await evaluateAll(asked);
      if (!Array.isArray(answers)) throw new Error('one answer');
      return answers.map(({ decision }) => decision);
    };
    expect(await decisions()).toEqual([true, false, true]);
    expect(await decisions()).toEqual([false, false, false]);
  });

  it('refuses a proof without what it speaks of (§10.1.2)', async () => {
    const { dpop_proof } = await proven();
    for (const context of [{ dpop_proof }, { dpop_proof, url }, { dpop_proof, method: 'GET' }]) {
      const { status, text } = await post(EVALUATION, evaluation({ context }));
      expect([status, text]).toEqual([400, expect.stringContaining('needs method and url')]);
    }
  });

  it('RFC 8705 §3: permits a key that is bound to a certificate with that one, as it is told', async () => {
    const [own, other] = [await selfSigned(), await selfSigned()];
    const ofCertificate = await service.admin.newKey(['orders:read'], {
      key: { certificate_thumbprints: [own.thumbprint] },
    });
    const asked = (certificate_thumbprint?: string) =>
      codeOf({ subject: credential(ofCertificate.key), context: { certificate_thumbprint } });
    expect(await asked(own.thumbprint)).toBe('ok');
    expect(await asked(other.thumbprint)).toBe('binding_unproven');
    expect(await asked()).toBe('binding_unproven');
  });
});

describe('the metadata (AuthZEN §9)', () => {
  it('leads to endpoints that are there', async () => {
    const { json } = await service.http.get('/.well-known/authzen-configuration');
    // §9.2.3: identical to the identifier that the metadata was found by.
    expect(json.policy_decision_point).toBe(service.url);
    for (const endpoint of [json.access_evaluation_endpoint, json.access_evaluations_endpoint]) {
      const answer = await post(String(endpoint).slice(service.url.length), evaluation());
      expect(answer.json).toEqual({ decision: true });
    }
  });
});

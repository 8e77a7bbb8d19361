import { explanation } from '@countersign/contracts';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answersByRoad } from './answers-by-road.js';
import { ExtAuthzClient } from './ext-authz-client.js';
import { FakeIssuer } from './fake-issuer.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const API = 'https://api.example.com';
const OTHER = 'https://other.example.com';
const INVALID = expect.stringContaining('error="invalid_token"');

let service: ServiceUnderTest;
let envoy: ExtAuthzClient;
let issuer: FakeIssuer;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      ...FakeIssuer.ENV,
      COUNTERSIGN_EXT_AUTHZ_PORT: '0',
    },
  });
  envoy = new ExtAuthzClient(service.extAuthzPort ?? 0);
  await service.admin.createResourceServer(API, { scopes: ['read'] });
  await service.admin.createResourceServer(OTHER, { scopes: ['read'] });
});

afterAll(async () => {
  envoy.close();
  await service.stop();
});

beforeEach(async () => {
  issuer = await FakeIssuer.start();
});

afterEach(() => issuer.stop());

const trust = (target_audiences: string[] | null) =>
  service.admin.trustIssuer(issuer.url, {
    audiences: [API, 'client-id'],
    target_audiences,
    scopes: ['read', 'write'],
    provisioning: 'create',
  });

describe("a trusted issuer's token at every road", () => {
  it.each<[string, string[] | null, string]>([
    ['where it is good for the audience in it', null, API],
    ['where the operator says what it is good for', [API, OTHER], OTHER],
    ['where it is good for any', [], OTHER],
  ])('is accepted %s', async (_what, targets, audience) => {
    await trust(targets);
    const token = await issuer.token({ aud: API, scope: 'read' });
    const answers = await answersByRoad(service, envoy, token, { audience, scope: 'read' });
    const subject = answers.introspection.sub;
    expect(answers).toMatchObject({
      introspection: { active: true, scope: 'read' },
      exchange: [200, 'issued', 'read'],
      forwardAuth: [200, null, subject],
      decision: { allowed: true, code: 'ok', failures: [], principal: { subject } },
      evaluation: { decision: true },
      whoami: [200, null],
      extAuthz: [200, null, subject],
    });
    expect(answers.decision.principal).toEqual(answers.introspection.principal);
  });

  it.each<[string, string[] | null, string]>([
    ['for another audience than that in it', null, OTHER],
    ['for another audience than the operator says', [OTHER], API],
  ])('is refused %s, though it is good elsewhere', async (_what, targets, audience) => {
    await trust(targets);
    const token = await issuer.token({ aud: API, scope: 'read' });
    const answers = await answersByRoad(service, envoy, token, { audience, scope: 'read' });
    const code = 'wrong_audience';
    expect(answers).toMatchObject({
      introspection: { active: true },
      exchange: [400, 'invalid_target', undefined],
      forwardAuth: [401, INVALID, null],
      decision: { allowed: false, code, failures: [{ check: 'audience', code }] },
      evaluation: { decision: false, context: { code } },
      whoami: [200, null],
      extAuthz: [401, INVALID, null],
    });
    if (audience !== undefined)
      expect(answers.exchange).toEqual([400, 'invalid_target', undefined]);
  });

  it.each<[string, string[], unknown[]]>([
    ['passes where it is good for any audience', [], [200, null]],
    ['is refused where it is not for our own issuer', [API], [401, INVALID]],
  ])('%s, at a gateway that names none', async (_what, targets, answer) => {
    await trust(targets);
    const token = await issuer.token({ aud: API, scope: 'read' });
    const answers = await answersByRoad(service, envoy, token, { scope: 'read' });
    expect(answers.forwardAuth.slice(0, 2)).toEqual(answer);
    expect(answers.extAuthz.slice(0, 2)).toEqual(answer);
    // The decision API takes it for any, where it is not asked about one.
    expect(answers.decision).toMatchObject({ allowed: true });
  });

  it('is refused for a scope that it does not have (RFC 6750 §3.1)', async () => {
    await trust([]);
    const token = await issuer.token({ aud: 'client-id', scope: 'read' });
    const answers = await answersByRoad(service, envoy, token, { scope: 'write' });
    const code = 'insufficient_scope';
    expect(answers).toMatchObject({
      forwardAuth: [403, expect.stringContaining(code), null],
      decision: { allowed: false, code, failures: [{ check: 'scopes', code }] },
      evaluation: { decision: false, context: { code } },
      extAuthz: [403, expect.stringContaining(code), null],
    });
  });

  it('is answered 503 by all of them while the keys cannot be had, and others’ tokens are not', async () => {
    await trust([API]);
    const dead = await FakeIssuer.start();
    dead.routes.set('/jwks', (_, response) => void response.writeHead(500).end());
    await service.admin.trustIssuer(dead.url, { audiences: [API], provisioning: 'create' });
    const asked = { audience: API, scope: 'read' };
    const [lost, healthy] = await Promise.all([
      answersByRoad(service, envoy, await dead.token({ aud: API }), asked),
      answersByRoad(service, envoy, await issuer.token({ aud: API, scope: 'read' }), asked),
    ]);
    await dead.stop();
    expect(lost).toMatchObject({
      introspection: { error: 'temporarily_unavailable' },
      exchange: [503, 'temporarily_unavailable', undefined],
      forwardAuth: [503, null, null],
      decision: 503,
      evaluation: 503,
      whoami: [503, null],
      extAuthz: [status.UNAVAILABLE, null, null],
    });
    expect(healthy).toMatchObject({
      introspection: { active: true },
      exchange: [200, 'issued', 'read'],
      forwardAuth: [200, null, expect.any(String)],
      decision: { allowed: true },
      evaluation: { decision: true },
      extAuthz: [200, null, expect.any(String)],
    });
  });

  it('is explained step by step', async () => {
    await trust([API]);
    const token = await issuer.token({ aud: 'client-id', scope: 'read write' });
    const { decision, introspection } = await answersByRoad(service, envoy, token, {
      audience: API,
      scope: 'read',
    });
    const told = explanation.parse(decision.explanation);
    expect(told).toMatchObject({
      present: { outcome: 'passed', characters: token.length },
      recognise: { outcome: 'passed', kind: 'federated_token' },
      verify: { outcome: 'passed' },
      principal: { subject: introspection.sub, credential_id: introspection.jti, scopes: ['read'] },
      decide: { outcome: 'passed' },
    });
    expect(told.decide.checks.map(({ outcome }) => outcome)).not.toContain('failed');
  });
});

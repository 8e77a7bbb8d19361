import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned, type TestCertificate } from '../../../test/certificate-authority.js';
import { asClientCert } from './as-client-cert.js';
import { type Answer, asBasic, type FormFields } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { claimsOf } from './token-forge.js';

const API = 'https://api.example.com';
const SCOPES = ['read'];

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await startServiceUnderTest({
    env: {
      COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1',
      COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert',
    },
  });
  const refresh_tokens = { idle_ttl_seconds: 600, absolute_ttl_seconds: 3_600 };
  await service.admin.createResourceServer(API, { scopes: SCOPES, refresh_tokens });
});

afterAll(() => service.stop());

function exchange(subject: string, fields: FormFields, shown: TestCertificate): Promise<Answer> {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subject,
    subject_token_type: 'urn:countersign:token-type:api-key',
    audience: API,
    ...fields,
  };
  return service.http.form('/token', form, asClientCert(shown));
}

function refresh(
  refreshToken: string,
  fields: FormFields,
  headers: Record<string, string>,
): Promise<Answer> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...fields };
  return service.http.form('/token', form, headers);
}

function expectRefused({ status, json }: Answer, expected: number, error: string): void {
  expect([status, json.error]).toEqual([expected, error]);
}

const bindingOf = ({ json }: Answer) => claimsOf(json.access_token)['cnf'];

/** A client that authenticates by its certificate, and what it was given for somebody's key. */
async function arranged() {
  const certificate = await selfSigned();
  const authentication = {
    method: 'self_signed_tls_client_auth' as const,
    'x5t#S256': [certificate.thumbprint],
  };
  const client = await service.admin.newKey(SCOPES, { key: { authentication } });
  const subject = await service.admin.newKey(SCOPES);
  const asClient = { client_id: client.id };
  const first = await exchange(subject.key, asClient, certificate);
  return { certificate, client, subject, asClient, first };
}

describe('a refresh token of a client that authenticates by a certificate', () => {
  it('RFC 8705 §7.1: is good together with that certificate, and so is what comes of it', async () => {
    const { certificate, asClient, first } = await arranged();
    const cnf = { 'x5t#S256': certificate.thumbprint };
    expect(bindingOf(first)).toEqual(cnf);
    const second = await refresh(first.json.refresh_token, asClient, asClientCert(certificate));
    expect([second.status, bindingOf(second)]).toEqual([200, cnf]);
    const third = await refresh(second.json.refresh_token, asClient, asClientCert(certificate));
    expect([third.status, bindingOf(third)]).toEqual([200, cnf]);
  });

  it('RFC 6749 §6: is for nobody else, and is not used up by who tries', async () => {
    const { certificate, asClient, first, subject } = await arranged();
    const other = await arranged();
    const { refresh_token: token } = first.json;
    const shown = asClientCert(certificate);
    expectRefused(await refresh(token, {}, {}), 400, 'invalid_grant');
    expectRefused(await refresh(token, asClient, {}), 400, 'invalid_grant');
    // A certificate by itself is no client: it has to say who it is.
    expectRefused(await refresh(token, {}, shown), 400, 'invalid_grant');
    const stranger = asClientCert(await selfSigned());
    expectRefused(await refresh(token, asClient, stranger), 401, 'invalid_client');
    const another = asClientCert(other.certificate);
    expectRefused(await refresh(token, other.asClient, another), 400, 'invalid_grant');
    const asSubject = { ...asBasic(subject.id, subject.key), ...shown };
    expectRefused(await refresh(token, {}, asSubject), 400, 'invalid_grant');
    expect((await refresh(token, asClient, shown)).status).toBe(200);
  });

  it('RFC 8705 §7.1: follows its client to another certificate', async () => {
    const { certificate, client, asClient, first } = await arranged();
    const renewed = await selfSigned();
    await service.admin.patchKey(client.id, {
      authentication: {
        method: 'self_signed_tls_client_auth',
        'x5t#S256': [renewed.thumbprint],
      },
    });
    const { refresh_token: token } = first.json;
    const outdated = await refresh(token, asClient, asClientCert(certificate));
    expectRefused(outdated, 401, 'invalid_client');
    const answer = await refresh(token, asClient, asClientCert(renewed));
    expect(bindingOf(answer)).toEqual({ 'x5t#S256': renewed.thumbprint });
  });
});

describe('a refresh token that came of a key which is bound to a certificate', () => {
  it('RFC 8705 §3: needs that certificate, as the key does', async () => {
    const certificate = await selfSigned();
    const { key } = await service.admin.newKey(SCOPES, {
      key: { certificate_thumbprints: [certificate.thumbprint] },
    });
    const { refresh_token: token } = (await exchange(key, {}, certificate)).json;
    expectRefused(await refresh(token, {}, {}), 400, 'invalid_grant');
    const stranger = asClientCert(await selfSigned());
    expectRefused(await refresh(token, {}, stranger), 400, 'invalid_grant');
    const answer = await refresh(token, {}, asClientCert(certificate));
    expect(bindingOf(answer)).toEqual({ 'x5t#S256': certificate.thumbprint });
  });
});

import type { KeyAuthentication, RejectionCode } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  selfSigned,
  type TestCertificate,
} from '../../../../test/certificate-authority.js';
import { clientIds } from '../../test/assertion-client.js';
import { createCore, useAt } from '../../test/create-core.js';
import { KEY_ID, keyState } from '../../test/key-state.js';
import { CertificateAuthorities } from '../certificates/certificate-authorities.js';
import { ClientCertificate } from '../certificates/client-certificate.js';
import { versionIdWithoutSecret } from '../keys/version-id-without-secret.js';
import type { KeyState } from '../state/key-state.js';

const CLIENT_ID = clientIds.mint(KEY_ID);
const authority = await CertificateAuthority.create();
const job = await authority.issue({ subject: 'O=Acme, CN=job' });
const pinned = await selfSigned();
const bySubject = {
  method: 'tls_client_auth',
  tls_client_auth_subject_dn: 'CN=job,O=Acme',
} as const satisfies KeyAuthentication;
const byThumbprint = {
  method: 'self_signed_tls_client_auth',
  'x5t#S256': [pinned.thumbprint],
} as const satisfies KeyAuthentication;

async function coreWith(overrides: Partial<KeyState>) {
  const core = await createCore({ authorities: new CertificateAuthorities([authority.x509]) });
  const versionId = versionIdWithoutSecret(CLIENT_ID);
  const state = keyState({ keyId: CLIENT_ID, versionId, secretHash: null, ...overrides });
  await core.database.insert(state);
  const authenticate = async (
    { pem }: TestCertificate,
    { clientId = CLIENT_ID, nowMs = Date.now() } = {},
  ): Promise<RejectionCode | 'accepted'> => {
    const certificate = ClientCertificate.from(pem);
    const outcome = await core.authenticator.authenticateByCertificate(
      clientId,
      certificate,
      useAt({ nowMs, certificateThumbprint: certificate.thumbprint }),
    );
    return outcome.ok ? 'accepted' : outcome.code;
  };
  return { core, authenticate };
}

describe('ClientCertificateVerifier', () => {
  it('takes the registered certificate, and no other of the same name (RFC 8705 §2.2)', async () => {
    const { authenticate } = await coreWith({ authentication: byThumbprint });
    expect(await authenticate(pinned)).toBe('accepted');
    expect(await authenticate(await selfSigned())).toBe('wrong_certificate');
    expect(await authenticate(job)).toBe('wrong_certificate');
  });

  it('takes a certificate of the registered subject from a trusted authority alone (RFC 8705 §2.1)', async () => {
    const { authenticate } = await coreWith({ authentication: bySubject });
    expect(await authenticate(job)).toBe('accepted');
    expect(await authenticate(await authority.issue({ subject: 'O=Acme, CN=other' }))).toBe(
      'wrong_certificate',
    );
    const impostor = await CertificateAuthority.create();
    for (const forged of [
      await impostor.issue({ subject: 'O=Acme, CN=job' }),
      await selfSigned({ subject: 'O=Acme, CN=job' }),
    ]) {
      expect(await authenticate(forged)).toBe('wrong_certificate');
    }
  });

  it('looks at the dates of the certificate at each use', async () => {
    const { authenticate } = await coreWith({ authentication: byThumbprint });
    const { validFromDate, validToDate } = pinned.x509;
    const at = (nowMs: number) => authenticate(pinned, { nowMs });
    expect(await at(validFromDate.getTime())).toBe('accepted');
    expect(await at(validToDate.getTime())).toBe('accepted');
    expect(await at(validFromDate.getTime() - 1)).toBe('not_yet_valid');
    expect(await at(validToDate.getTime() + 1000)).toBe('expired');
    const { authenticate: bySubjectAt } = await coreWith({ authentication: bySubject });
    const nowMs = job.x509.validToDate.getTime() + 1000;
    expect(await bySubjectAt(job, { nowMs })).toBe('wrong_certificate');
  });

  it.each<[RejectionCode, Partial<KeyState>]>([
    ['credential_revoked', { keyStatus: 'revoked' }],
    ['credential_disabled', { keyStatus: 'disabled' }],
    ['expired', { keyExpiresAtMs: 1 }],
    ['principal_disabled', { principalStatus: 'disabled' }],
    ['unknown_credential', { authentication: null, secretHash: 'a hash' }],
  ])('turns away with %s whatever the certificate is', async (code, overrides) => {
    const { authenticate } = await coreWith({ authentication: byThumbprint, ...overrides });
    expect(await authenticate(pinned)).toBe(code);
  });

  it('does not look up an id that was never issued', async () => {
    const { core, authenticate } = await coreWith({ authentication: byThumbprint });
    for (const clientId of [KEY_ID, 'key_', '', `${CLIENT_ID}0`]) {
      expect(await authenticate(pinned, { clientId })).toBe('bad_tag');
    }
    expect(core.states.reads).toBe(0);
  });
});

describe('a key that is bound to certificates', () => {
  const { thumbprint } = pinned;

  it('is good only together with one of them, also while it is cached (RFC 8705 §3)', async () => {
    const { core } = await coreWith({ authentication: byThumbprint });
    const key = await core.newKey({ certificateThumbprints: [thumbprint], keyId: KEY_ID });
    for (let use = 0; use < 2; use += 1) {
      expect(await core.outcomeOf(key, { certificateThumbprint: thumbprint })).toBe('accepted');
      const another = { certificateThumbprint: job.thumbprint };
      expect(await core.outcomeOf(key, another)).toBe('binding_unproven');
      expect(await core.outcomeOf(key)).toBe('binding_unproven');
      expect(await core.outcomeOf(key, { binding: 'unchecked' })).toBe('binding_unproven');
    }
    expect(await core.outcomeOf(key, { purpose: 'revocation' })).toBe('accepted');
  });

  it('takes along its tokens that are bound to none of them', async () => {
    const { core } = await coreWith({ authentication: byThumbprint });
    const key = await core.newKey({ certificateThumbprints: [thumbprint], keyId: KEY_ID });
    const context = useAt({ certificateThumbprint: thumbprint });
    const subject = await core.authenticator.authenticate(key, context);
    if (!subject.ok) throw new Error(subject.code);
    const tokenFor = async (confirmation?: { 'x5t#S256': string }) => {
      const { nowMs } = context;
      const moment = { nowMs, feedPosition: 0 };
      const request = { subject, scope: undefined, audience: [], confirmation, ...moment };
      const issued = await core.tokens.issue(request);
      if (!issued.ok) throw new Error(issued.detail);
      return issued.accessToken;
    };
    const bound = await tokenFor({ 'x5t#S256': thumbprint });
    expect(await core.outcomeOf(bound, context)).toBe('accepted');
    expect(await core.outcomeOf(bound)).toBe('binding_unproven');
    expect(await core.outcomeOf(bound, { binding: 'unchecked' })).toBe('accepted');
    const elsewhere = await tokenFor({ 'x5t#S256': job.thumbprint });
    const other = { certificateThumbprint: job.thumbprint };
    expect(await core.outcomeOf(elsewhere, other)).toBe('binding_unproven');
    expect(await core.outcomeOf(await tokenFor(), context)).toBe('binding_unproven');
  });
});

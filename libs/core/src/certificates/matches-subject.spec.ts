import type { TlsClientAuth } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selfSigned } from '../../../../test/certificate-authority.js';
import { canonicalName } from './distinguished-name.js';
import { matchesSubject } from './matches-subject.js';

const { x509: certificate } = await selfSigned({
  subject: 'C=DE, O=Acme\\, Inc., OU=x+OU=y, CN=job 7',
  names: [
    { type: 'dns', value: 'job.example.com' },
    { type: 'ip', value: '10.0.0.1' },
    { type: 'ip', value: 'fd00::1' },
    { type: 'url', value: 'spiffe://example.com/job' },
    { type: 'email', value: 'Job@example.com' },
  ],
});

const matches = (member: Omit<TlsClientAuth, 'method'>) =>
  matchesSubject(certificate, { method: 'tls_client_auth', ...member });

describe('matchesSubject', () => {
  it.each([
    'CN=job 7,OU=x+OU=y,O=Acme\\, Inc.,C=DE',
    'cn=job 7, ou=y + ou=x, o=Acme\\2C Inc., c=DE',
    '2.5.4.3=job\\ 7,OU=x+OU=y,O=Acme\\, Inc.,C=DE',
  ])('knows the subject as RFC 4514 writes it: %s', (name) => {
    expect(matches({ tls_client_auth_subject_dn: name })).toBe(true);
  });

  it.each([
    'C=DE,O=Acme\\, Inc.,OU=x+OU=y,CN=job 7', // the order of the encoding, not RFC 4514's
    'CN=job 7,OU=x+OU=y,O=Acme\\, Inc.',
    'CN=job 7,OU=x,OU=y,O=Acme\\, Inc.,C=DE',
    'CN=JOB 7,OU=x+OU=y,O=Acme\\, Inc.,C=DE',
    'CN=job 7',
    '',
  ])('takes no other subject for it: %s', (name) => {
    expect(matches({ tls_client_auth_subject_dn: name })).toBe(false);
  });

  it('knows each kind of alternative name (RFC 8705 §2.1.2)', () => {
    expect(matches({ tls_client_auth_san_dns: 'JOB.example.com' })).toBe(true);
    expect(matches({ tls_client_auth_san_uri: 'spiffe://example.com/job' })).toBe(true);
    expect(matches({ tls_client_auth_san_ip: '10.0.0.1' })).toBe(true);
    expect(matches({ tls_client_auth_san_ip: 'FD00:0::1' })).toBe(true);
    expect(matches({ tls_client_auth_san_email: 'Job@example.com' })).toBe(true);
  });

  it('takes no name of one kind for one of another, nor a part for the whole', () => {
    expect(matches({ tls_client_auth_san_dns: 'spiffe://example.com/job' })).toBe(false);
    expect(matches({ tls_client_auth_san_dns: 'example.com' })).toBe(false);
    expect(matches({ tls_client_auth_san_dns: '*.example.com' })).toBe(false);
    expect(matches({ tls_client_auth_san_uri: 'spiffe://example.com/job/' })).toBe(false);
    expect(matches({ tls_client_auth_san_ip: '10.0.0.2' })).toBe(false);
    expect(matches({ tls_client_auth_san_email: 'job@example.com' })).toBe(false);
    expect(matches({})).toBe(false);
  });
});

describe('canonicalName', () => {
  it.each([
    'garbage',
    'CN',
    'CN=',
    '=a',
    'FOO=a',
    'CN=a,',
    'CN=a,,O=b',
    'CN=#0c0161',
    'CN=a"',
    'CN=\\',
  ])('reads nothing out of what is no name: %s', (text) => {
    expect(canonicalName(text)).toBeUndefined();
  });

  it('reads every value back that was escaped (RFC 4514 §2.4), and tells any two apart', () => {
    const escaped = (value: string) =>
      [...Buffer.from(value)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [first, second] = [one, other].map((value) => canonicalName(`CN=${escaped(value)}`));
        expect(first).toBe(JSON.stringify([[JSON.stringify(['2.5.4.3', one])]]));
        expect(first === second).toBe(one === other);
      }),
    );
  });
});

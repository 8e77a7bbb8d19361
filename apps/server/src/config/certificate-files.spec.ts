import { describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '../../../../test/certificate-authority.js';
import { loadConfig } from './load-config.js';

const authority = await CertificateAuthority.create();
const own = await authority.issue({ names: [{ type: 'dns', value: 'auth.example.com' }] });
const other = await authority.issue();
const FILES: Readonly<Record<string, string>> = {
  '/cert': own.pem + authority.pem,
  '/key': own.privateKeyPem,
  '/other-key': other.privateKeyPem,
  '/ca': `# Ours\n${authority.pem}\n${other.pem}`,
  '/text': 'no certificate',
  '/broken': authority.pem.replace(/[A-Za-z]{8}/, 'AAAAAAAA'),
};

function load(env: Record<string, string>) {
  return loadConfig(env, (path) => {
    const content = FILES[path];
    if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
    return content;
  });
}

const TLS = { COUNTERSIGN_TLS_CERT_FILE: '/cert', COUNTERSIGN_TLS_KEY_FILE: '/key' };

describe('loadConfig, of certificates', () => {
  it('should neither terminate TLS nor believe in any certificate by default', () => {
    const { tls, clientCertificates, issuer } = load({});
    expect(tls).toBeNull();
    expect(clientCertificates).toEqual({ header: null, authorities: [] });
    expect(issuer).toBe('http://localhost:8080');
  });

  it('should read the chain and the key of the service, and hide the key', () => {
    const config = load(TLS);
    expect(config.tls?.certificate).toBe(own.pem + authority.pem);
    expect(config.tls?.privateKey.reveal()).toBe(own.privateKeyPem);
    expect(JSON.stringify(config)).not.toContain('PRIVATE KEY');
    expect(config.issuer).toBe('https://localhost:8080');
  });

  it('should read every authority of the bundle', () => {
    const { authorities } = load({ COUNTERSIGN_CLIENT_CA_FILE: '/ca' }).clientCertificates;
    expect(authorities.map(({ subject }) => subject)).toEqual(['CN=Test CA', 'CN=client']);
  });

  it.each<[string, Record<string, string>]>([
    ['COUNTERSIGN_TLS_KEY_FILE is missing', { COUNTERSIGN_TLS_CERT_FILE: '/cert' }],
    ['COUNTERSIGN_TLS_CERT_FILE is missing', { COUNTERSIGN_TLS_KEY_FILE: '/key' }],
    ['is not the private key', { ...TLS, COUNTERSIGN_TLS_KEY_FILE: '/other-key' }],
    ['is not the private key', { ...TLS, COUNTERSIGN_TLS_KEY_FILE: '/text' }],
    ['has no certificates', { ...TLS, COUNTERSIGN_TLS_CERT_FILE: '/text' }],
    ['cannot be read (ENOENT)', { ...TLS, COUNTERSIGN_TLS_KEY_FILE: '/nowhere' }],
    ['has no certificates', { COUNTERSIGN_CLIENT_CA_FILE: '/text' }],
    ['has no certificates', { COUNTERSIGN_CLIENT_CA_FILE: '/broken' }],
    ['must be one of none', { COUNTERSIGN_CLIENT_CERT_HEADER: 'x-client' }],
    ['without COUNTERSIGN_TRUSTED_PROXIES', { COUNTERSIGN_CLIENT_CERT_HEADER: 'client-cert' }],
  ])('should refuse to start: %s', (problem, env) => {
    expect(() => load(env)).toThrow(problem);
  });
});

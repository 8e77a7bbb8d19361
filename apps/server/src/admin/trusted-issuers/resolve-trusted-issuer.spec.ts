import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  createTrustedIssuer,
  patchTrustedIssuer,
  PRESETS,
  TRUSTED_ISSUER_PRESETS,
} from '@countersign/contracts';
import { resolveTrustedIssuer } from './resolve-trusted-issuer.js';

const body = (more: object = {}) =>
  createTrustedIssuer.parse({
    issuer: 'https://idp.example/',
    name: 'IdP',
    audiences: ['https://api.example.com'],
    scopes: ['read:users'],
    ...more,
  });

describe('the preset of a trusted issuer', () => {
  it.each(TRUSTED_ISSUER_PRESETS)(
    '%s is all that a valid configuration needs besides',
    (preset) => {
      const { algorithms, audienceClaim, mapping, targetAudiences, provisioning } =
        resolveTrustedIssuer(body({ preset }));
      const asWritten = {
        algorithms,
        audience_claim: audienceClaim,
        mapping,
        target_audiences: targetAudiences,
        provisioning,
      };
      expect(patchTrustedIssuer.parse(asWritten)).toEqual(asWritten);
      expect(algorithms).toEqual(PRESETS[preset].algorithms);
      expect(mapping).toEqual(PRESETS[preset].mapping);
      expect(provisioning).toBe('link');
    },
  );

  it('yields to what is written explicitly, in the mapping member by member', () => {
    const { algorithms, mapping, targetAudiences } = resolveTrustedIssuer(
      body({
        preset: 'cognito',
        algorithms: ['PS256'],
        target_audiences: null,
        mapping: { subject: '/username' },
      }),
    );
    expect(algorithms).toEqual(['PS256']);
    expect(targetAudiences).toBeNull();
    expect(mapping).toEqual({ ...PRESETS.cognito.mapping, subject: '/username' });
  });

  it('is not needed: without one it is the plainest OpenID provider', () => {
    expect(resolveTrustedIssuer(body())).toMatchObject({
      preset: null,
      algorithms: ['RS256'],
      discovery: 'openid-configuration',
      audienceClaim: '/aud',
      targetAudiences: null,
      mapping: { subject: '/sub', scopes: [{ claim: '/scope' }] },
    });
  });
});

describe('docs/federation.md', () => {
  const page = readFileSync(new URL('../../../../../docs/federation.md', import.meta.url), 'utf8');

  it('has examples that are accepted as they stand', () => {
    const examples = [...page.matchAll(/```json\nPOST \/v1\/trusted-issuers\n([^`]+)```/g)];
    const presets = examples.map(([, json = '']) => {
      return resolveTrustedIssuer(createTrustedIssuer.parse(JSON.parse(json))).preset;
    });
    expect(presets).toEqual(['auth0', 'kubernetes']);
  });

  it('names every preset', () => {
    for (const preset of TRUSTED_ISSUER_PRESETS) expect(page).toContain(`\`${preset}\``);
  });
});

describe('the configuration of a trusted issuer', () => {
  it.each<[string, object]>([
    ['alg none', { algorithms: ['none'] }],
    ['a symmetric algorithm', { algorithms: ['HS256'] }],
    ['no algorithm', { algorithms: [] }],
    ['no audience', { audiences: [] }],
    ['a reserved scope', { scopes: ['countersign:admin'] }],
    ['a reserved scope in other letters', { scopes: ['CounterSign:admin'] }],
    ['an issuer with a query', { issuer: 'https://idp.example/?a=b' }],
    ['an issuer with credentials', { issuer: 'https://a:b@idp.example/' }],
    ['an issuer of another scheme', { issuer: 'ftp://idp.example/' }],
    ['keys in a file', { jwks_uri: 'file:///etc/passwd' }],
    ['a claim that is no pointer', { mapping: { subject: 'sub' } }],
    ['a pointer with a wrong escape', { mapping: { subject: '/a~2' } }],
    ['an unknown member', { jwks: {} }],
  ])('cannot have %s', (_what, more) => {
    expect(() => body(more)).toThrow();
  });
});

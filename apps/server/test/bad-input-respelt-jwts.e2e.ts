import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';

const INACTIVE = '{"active":false}';

let service: ServiceUnderTest;
let genuine: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  genuine = await service.tokenFor(service.adminKey);
});

afterAll(() => service.stop());

describe('a JWT that is respelt', () => {
  const SPELLINGS: [string, (token: string) => string[]][] = [
    ['spare bits of the last character', withSpareBits],
    ['padding', (token) => [`${token}=`, `${token}==`, token.replaceAll('.', '=.')]],
    ['spaces', (token) => [` ${token}`, `${token} `, token.replaceAll('.', ' . ')]],
    ['the other base64 alphabet', (token) => [token.replaceAll('-', '+').replaceAll('_', '/')]],
    ['percent-encoded dots', (token) => [token.replaceAll('.', '%2E')]],
    ['Bearer in front', (token) => [`Bearer ${token}`, `bearer ${token}`]],
    ['JSON serialization', inJson],
    ['a fourth part', (token) => [`${token}.`, `${token}.x`, `.${token}`]],
    ['quotes', (token) => [`"${token}"`, `'${token}'`]],
    ['look-alikes from beyond ASCII', (token) => [token.replace('e', 'е'), `${token}\u00ad`]],
  ];

  it.each(SPELLINGS)('is inactive, while the token itself is active: %s', async (_, respell) => {
    for (const spelling of respell(genuine)) {
      expect([spelling, (await introspection(spelling)).text]).toEqual([spelling, INACTIVE]);
    }
    expect(await service.introspect(genuine)).toMatchObject({ active: true });
  });

  it.each(SPELLINGS)('brings no revoked token back: %s', async (_, respell) => {
    const revoked = await service.tokenFor(service.adminKey);
    await service.http.form('/revoke', { token: revoked }, asApiKey(service.adminKey));
    for (const spelling of [revoked, ...respell(revoked)]) {
      expect([spelling, (await introspection(spelling)).text]).toEqual([spelling, INACTIVE]);
    }
  });

  it.each(['\n', '\t', '\r\n', '\0'])(
    'by a control character is malformed: %j',
    async (control) => {
      const answer = await introspection(genuine + control);
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({ error: 'invalid_request' });
      expect(answer.json.error_description).toContain('token');
    },
  );
});

function introspection(token: string): Promise<Answer> {
  return service.http.form('/introspect', { token }, asApiKey(service.adminKey));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Every other last character of each part that decodes to the same octets. */
function withSpareBits(token: string): string[] {
  const parts = token.split('.');
  return parts.flatMap((part, at) =>
    Array.from(ALPHABET, (character) => part.slice(0, -1) + character)
      .filter((other) => other !== part && octets(other).equals(octets(part)))
      .map((other) => parts.with(at, other).join('.')),
  );
}

function octets(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}

function inJson(token: string): string[] {
  const [first, payload, signature] = token.split('.');
  return [
    JSON.stringify({ protected: first, payload, signature }),
    JSON.stringify({ payload, signatures: [{ protected: first, signature }] }),
  ];
}

import {
  createMintApiKey,
  deriveServerKeys,
  KeyTagger,
  Secret,
  SecretHasher,
} from '@countersign/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { type Answer, asApiKey, asBasic, asBearer } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest, TEST_SECRET } from './service-under-test.js';

const INACTIVE = '{"active":false}';
const VERSION_ID_START = 'cs_live_'.length;
const SECRET_START = VERSION_ID_START + 16;
const TAG_START = SECRET_START + 43;

let service: ServiceUnderTest;
let key: string;

beforeAll(async () => {
  service = await startServiceUnderTest();
  key = (await service.admin.newKey()).key;
  expect(await service.introspect(key)).toMatchObject({ active: true });
});

afterAll(() => service.stop());

describe('a key that is not spelled as it was issued', () => {
  const variants: [string, (key: string) => string[]][] = [
    ['with one character changed, at every position', oneCharacterChanged],
    ['cut', (text) => Array.from(text, (_, length) => text.slice(0, length)).slice(1)],
    ['lengthened', (text) => [`${text}0`, `0${text}`, text + text, `${text} `, ` ${text}`]],
    ['with another prefix', (text) => ['sk', 'CS', 'csx', 'c', ''].map((p) => p + text.slice(2))],
    [
      'of another environment',
      (text) => ['test', 'prod', 'LIVE', 'liv', ''].map((e) => `cs_${e}${text.slice(7)}`),
    ],
  ];

  it.each(variants)(
    'is inactive, without a database query or an argon2 run, and counted: %s',
    async (_, make) => {
      const spellings = make(key);
      const before = await service.metrics();
      for (const token of spellings) {
        const answer = await service.http.form(
          '/introspect',
          { token },
          asApiKey(service.adminKey),
        );
        expect([token, answer.status, answer.text]).toEqual([token, 200, INACTIVE]);
      }
      const after = await service.metrics();
      expect(after.keyStateReads).toBe(before.keyStateReads);
      expect(after.argon2Runs).toBe(before.argon2Runs);
      expect(after.rejections() - before.rejections()).toBe(spellings.length);
    },
  );

  it.each(variants)('authenticates nobody, anywhere, at the same price: %s', async (_, make) => {
    // One out of seven, so that every part of a key has its turn and the test stays short.
    const spellings = make(key).filter((text, at) => at % 7 === 0 && text === text.trim());
    const before = await service.metrics();
    for (const wrong of spellings) {
      for (const answer of await everywhere(wrong)) {
        expect([wrong, answer.status]).toEqual([wrong, 401]);
        expect(answer.headers.has('www-authenticate')).toBe(true);
      }
    }
    const after = await service.metrics();
    expect(after.keyStateReads).toBe(before.keyStateReads);
    expect(after.argon2Runs).toBe(before.argon2Runs);
    expect(after.rejections() - before.rejections()).toBe(spellings.length * ENDPOINTS);
  });

  it('does not disturb the key that it resembles', async () => {
    expect(await service.introspect(key)).toMatchObject({ active: true });
  });
});

describe('a key that is well-tagged and yet no good', () => {
  type Case = [title: string, code: string, make: () => Promise<string>];
  const cases: Case[] = [
    ['does not exist', 'unknown_credential', mint],
    ['has another secret', 'wrong_secret', withAnotherSecret],
    [
      'is disabled',
      'credential_disabled',
      async () => {
        const issued = await service.admin.newKey();
        await service.admin.patchKey(issued.id, { status: 'disabled' });
        return issued.key;
      },
    ],
    [
      'is expired',
      'expired',
      async () => {
        const expiresAt = new Date(Date.now() + 1_500).toISOString();
        const issued = await service.admin.newKey([], { key: { expires_at: expiresAt } });
        await eventually('the key expires', () => Date.now() > Date.parse(expiresAt));
        return issued.key;
      },
    ],
    [
      'is revoked',
      'credential_revoked',
      async () => {
        const issued = await service.admin.newKey();
        await service.admin.revokeKey(issued.id);
        return issued.key;
      },
    ],
    [
      'was deleted',
      'unknown_credential',
      async () => {
        const issued = await service.admin.newKey();
        await service.admin.deleteKey(issued.id);
        return issued.key;
      },
    ],
    [
      'is of a disabled principal',
      'principal_disabled',
      async () => {
        const issued = await service.admin.newKey();
        await service.admin.patchPrincipal(issued.principal_id, { status: 'disabled' });
        return issued.key;
      },
    ],
    [
      'is of a disabled organization',
      'organization_disabled',
      async () => {
        const { id } = await service.admin.createOrganization();
        const issued = await service.admin.newKey([], { principal: { organization_id: id } });
        await service.admin.setOrganizationStatus(id, 'disabled');
        return issued.key;
      },
    ],
  ];

  it.each(cases)(
    'looks to the outside like one that was never issued: it %s',
    async (_, code, make) => {
      const token = await make();
      const before = await service.metrics();
      const [known, forged] = await Promise.all([introspection(token), introspection(`${key}x`)]);
      expect(known).toEqual(forged);
      expect(known.text).toBe(INACTIVE);

      const [turnedAway, asForged] = [await everywhere(token), await everywhere(`${key}x`)];
      expect(turnedAway.map(outside)).toEqual(asForged.map(outside));
      expect(turnedAway.map(({ status }) => status)).toEqual(turnedAway.map(() => 401));

      const after = await service.metrics();
      expect(after.rejections(code) - before.rejections(code)).toBe(1 + ENDPOINTS);
    },
  );

  it.each(cases.filter(([, code]) => code !== 'wrong_secret'))(
    'costs no argon2 run: it %s',
    async (_, _code, make) => {
      const token = await make();
      const before = await service.metrics();
      expect((await introspection(token)).text).toBe(INACTIVE);
      expect((await service.metrics()).argon2Runs).toBe(before.argon2Runs);
    },
  );

  it('is looked up once, however often it is sent, when it does not exist', async () => {
    const token = await mint();
    const before = await service.metrics();
    for (let i = 0; i < 20; i++) expect((await introspection(token)).text).toBe(INACTIVE);
    expect((await service.metrics()).keyStateReads - before.keyStateReads).toBe(1);
  });
});

const ENDPOINTS = 6;

/** `credential` as the caller's, at each endpoint that authenticates one. */
function everywhere(credential: string): Promise<Answer[]> {
  const { http } = service;
  return Promise.all([
    http.form('/introspect', { token: 'x' }, asApiKey(credential)),
    http.form('/revoke', { token: 'x' }, asBearer(credential)),
    http.form('/token', { grant_type: 'client_credentials' }, asBasic('key_1', credential)),
    http.get('/whoami', asBearer(credential)),
    http.get('/v1/principals', asApiKey(credential)),
    http.json('POST', '/v1/principals', {}, asBearer(credential)),
  ]);
}

async function introspection(token: string) {
  return outside(await service.http.form('/introspect', { token }, asApiKey(service.adminKey)));
}

/** All of an answer that the outside sees, but for what differs between any two requests. */
function outside({ status, headers, text }: Answer) {
  const own = new Set(['date', 'x-request-id', 'request-id']);
  return {
    status,
    headers: [...headers].filter(([name]) => !own.has(name)),
    text: text.replace(/"request_id":"[^"]*"/, ''),
  };
}

function oneCharacterChanged(text: string): string[] {
  return Array.from(text, (character, at) => {
    const other = character === 'a' ? 'b' : 'a';
    return text.slice(0, at) + other + text.slice(at + 1);
  });
}

async function mint(): Promise<string> {
  const minted = await createMintApiKey('cs', tagger(), hasher())('live');
  return minted.apiKey;
}

/** The version id of a key that exists, with a secret that it does not have, rightly tagged. */
async function withAnotherSecret(): Promise<string> {
  const [issued, other] = [(await service.admin.newKey()).key, await mint()];
  const tagged = issued.slice(0, SECRET_START) + other.slice(SECRET_START, TAG_START);
  return tagged + tagger().tag(tagged);
}

function tagger(): KeyTagger {
  return new KeyTagger(deriveServerKeys([new Secret(TEST_SECRET)]).tagSecrets);
}

function hasher(): SecretHasher {
  return new SecretHasher({ memoryKib: 8, timeCost: 1, parallelism: 1 });
}

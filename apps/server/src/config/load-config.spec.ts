import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { InvalidConfiguration } from './invalid-configuration.js';
import { loadConfig } from './load-config.js';

const SECRET = 'kZ3v9x5Q2m8Wc7Rb1Yt4Lp6Nf0Gh+Js=';
const OLDER_SECRET = 'an older secret, still long enough';
const POSTGRES = { DATABASE_URL: 'postgres://auth:hunter2@db/auth', COUNTERSIGN_SECRET: SECRET };

describe('loadConfig', () => {
  it('should need no variable at all', () => {
    expect(loadConfig({})).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      extAuthzPort: null,
      issuer: 'http://localhost:8080',
      dataDir: resolve('.countersign'),
      bootstrapKeyFile: resolve('.countersign/admin.key'),
      secrets: null,
      keyPrefix: 'cs',
      accessTokenTtlSeconds: 300,
      maxStalenessMs: 5000,
      confirmWaitMs: 6100,
      cacheMaxKeys: 200_000,
      database: { url: null, poolSize: 10, timeoutMs: 2000 },
      argon2: { memoryKib: 1024, timeCost: 1, parallelism: 1, maxWaitMs: 5000 },
      trustedProxies: [],
      logLevel: 'info',
      shutdownGraceMs: 10_000,
    });
  });

  it('should derive the issuer from the port, and the key file from the data folder', () => {
    const config = loadConfig({ PORT: '9000', COUNTERSIGN_DATA_DIR: '/var/lib/countersign' });

    expect(config.issuer).toBe('http://localhost:9000');
    expect(config.bootstrapKeyFile).toBe('/var/lib/countersign/admin.key');
  });

  it('should take port 0', () => {
    expect(loadConfig({ PORT: '0' }).port).toBe(0);
  });

  it('should ignore variables that belong to others', () => {
    expect(() =>
      loadConfig({
        PATH: '/bin',
        NODE_ENV: 'production',
        // what Kubernetes sets beside a Service of our name
        COUNTERSIGN_SERVICE_HOST: '10.0.0.1',
        COUNTERSIGN_SERVICE_PORT_HTTP: '8080',
        COUNTERSIGN_PORT: 'tcp://10.0.0.1:8080',
        COUNTERSIGN_PORT_8080_TCP_ADDR: '10.0.0.1',
        COUNTERSIGN_REDIS_SERVICE_HOST: '10.0.0.2',
      }),
    ).not.toThrow();
  });

  describe('secrets', () => {
    it('should keep the newest first, whatever separates them', () => {
      const reveal = (text: string) =>
        loadConfig({ COUNTERSIGN_SECRET: text }).secrets?.map((secret) => secret.reveal());

      expect(reveal(SECRET)).toEqual([SECRET]);
      expect(reveal(`${SECRET}\n${SECRET.toLowerCase()}\r\n`)).toEqual([
        SECRET,
        SECRET.toLowerCase(),
      ]);
      expect(reveal(`${SECRET}, ${SECRET.toLowerCase()}`)).toHaveLength(2);
    });

    it('should come from a file when one is named', () => {
      const config = loadConfig({ COUNTERSIGN_SECRET_FILE: '/run/secrets/x' }, (path) => {
        expect(path).toBe('/run/secrets/x');
        return `${SECRET}\n`;
      });

      expect(config.secrets?.map((secret) => secret.reveal())).toEqual([SECRET]);
    });

    it('should be demanded with Postgres', () => {
      expect(problems({ DATABASE_URL: POSTGRES.DATABASE_URL })).toEqual([
        expect.stringMatching(/^COUNTERSIGN_SECRET is missing: .*COUNTERSIGN_SECRET_FILE/),
      ]);
      expect(loadConfig(POSTGRES).database.url?.reveal()).toBe(POSTGRES.DATABASE_URL);
    });

    it('should not be taken from two places', () => {
      const env = { COUNTERSIGN_SECRET: SECRET, COUNTERSIGN_SECRET_FILE: '/dev/null' };
      expect(problems(env, () => SECRET)).toEqual([
        expect.stringMatching(/^COUNTERSIGN_SECRET and COUNTERSIGN_SECRET_FILE are both set: /),
      ]);
    });

    it('should be refused when a file cannot be read, or holds too little', () => {
      expect(problems({ COUNTERSIGN_SECRET_FILE: '/no/such/file' })).toEqual([
        expect.stringMatching(
          /^COUNTERSIGN_SECRET_FILE names a file that cannot be read \(ENOENT\)/,
        ),
      ]);
      expect(problems({ COUNTERSIGN_SECRET_FILE: '/x' }, () => '\n')).toEqual([
        expect.stringMatching(
          /^COUNTERSIGN_SECRET_FILE names a file that must hold one or several/,
        ),
      ]);
    });

    it('should not show in the configuration when it is printed', () => {
      const config = loadConfig(POSTGRES);

      for (const text of [JSON.stringify(config), inspect(config, { depth: null })]) {
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain('hunter2');
      }
    });
  });

  it.each([
    ['PORT', ['abc', '-1', '65536', '1e3', ' 80', '80.5', '0x50']],
    ['HOST', ['a b', 'http://localhost']],
    ['DATABASE_URL', ['mysql://localhost/auth', 'auth', 'postgres://u:p%@[::1/auth']],
    // Would count before the service's own, and a commit could be confirmed that a crash undoes.
    ['DATABASE_URL', ['postgres://u@h/db?options=-c%20synchronous_commit%3Doff']],
    ['DATABASE_URL', ['postgres://u@h/db?sslmode=verify-full&statement_timeout=0']],
    ['COUNTERSIGN_DATA_DIR', ['a\0b']],
    [
      'COUNTERSIGN_ISSUER',
      [
        'auth.example.com',
        'ftp://auth.example.com',
        'https://auth.example.com/',
        'https://auth.example.com/a/',
        'https://auth.example.com?x',
        'https://auth.example.com#',
        'https://user@auth.example.com',
        'https://AUTH.example.com',
        'https://auth.example.com:443',
        'https://auth.example.com/a/../b',
        ' https://auth.example.com',
      ],
    ],
    ['COUNTERSIGN_SECRET', ['short', `${SECRET},short`, `${SECRET},${SECRET}`, ' , ']],
    ['COUNTERSIGN_KEY_PREFIX', ['CS', 'c_s', 'ninechars']],
    ['COUNTERSIGN_MAX_STALENESS_MS', ['0', '5s']],
    ['COUNTERSIGN_ACCESS_TOKEN_TTL_SECONDS', ['0', '86401']],
    ['COUNTERSIGN_ARGON2_MEMORY_KIB', ['7', '1GiB']],
    ['COUNTERSIGN_ARGON2_TIME_COST', ['0']],
    ['COUNTERSIGN_ARGON2_PARALLELISM', ['0']],
    ['COUNTERSIGN_ARGON2_MAX_WAIT_MS', ['-1']],
    ['COUNTERSIGN_CACHE_MAX_KEYS', ['0']],
    ['COUNTERSIGN_DATABASE_POOL_SIZE', ['0']],
    ['COUNTERSIGN_DATABASE_TIMEOUT_MS', ['1']],
    [
      'COUNTERSIGN_TRUSTED_PROXIES',
      ['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/8,', '0.0.0.0/0', '::/0'],
    ],
    ['COUNTERSIGN_LOG_LEVEL', ['INFO', 'loud']],
    ['COUNTERSIGN_SHUTDOWN_GRACE_MS', ['300001']],
  ])('should refuse a wrong %s in one sentence that names it', (name, values) => {
    for (const value of values) {
      const found = problems({ COUNTERSIGN_SECRET: SECRET, [name]: value });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(new RegExp(`^${name} (must|holds) .+: .+\\.$`));
    }
  });

  it.each([
    ['COUNTERSIGN_ISSUER', 'https://auth.example.com/tenant-a'],
    ['COUNTERSIGN_ISSUER', 'http://localhost:8080'],
    ['COUNTERSIGN_TRUSTED_PROXIES', '10.0.0.0/8, fd00::/8, 127.0.0.1'],
    ['DATABASE_URL', 'postgres://u@localhost/db?host=/run/dir'],
    ['DATABASE_URL', 'postgresql:///db?host=/run/dir'],
  ])('should take %s=%s', (name, value) => {
    expect(() => loadConfig({ COUNTERSIGN_SECRET: SECRET, [name]: value })).not.toThrow();
  });

  it('should refuse argon2 parameters that argon2 itself would refuse', () => {
    const env = { COUNTERSIGN_ARGON2_MEMORY_KIB: '31', COUNTERSIGN_ARGON2_PARALLELISM: '4' };
    expect(problems(env)).toEqual([
      expect.stringMatching(/^COUNTERSIGN_ARGON2_MEMORY_KIB must be at least 8 times/),
    ]);
  });

  it('should not take an empty variable for one that is missing', () => {
    // An empty DATABASE_URL would otherwise start an embedded database in production.
    expect(problems({ DATABASE_URL: '', COUNTERSIGN_SECRET: SECRET })).toEqual([
      'DATABASE_URL is set, but empty: give it a value, or remove it.',
    ]);
  });

  it.each([
    ['COUNTERSIGN_ISSUER_URL', 'COUNTERSIGN_ISSUER'],
    ['COUNTERSIGN_DATBASE_POOL_SIZE', 'COUNTERSIGN_DATABASE_POOL_SIZE'],
    ['COUNTERSIGN_PORT', 'PORT'],
    ['COUNTERSIGN_DATABASE_URL', 'DATABASE_URL'],
    ['COUNTERSIGN_SECRETS', 'COUNTERSIGN_SECRET'],
  ])('should refuse %s, and name %s', (slip, meant) => {
    expect(problems({ [slip]: '8080' })).toEqual([
      `${slip} is not a variable of Countersign: did you mean ${meant}?`,
    ]);
  });

  it('should report everything that is wrong at once', () => {
    const found = problems({
      PORT: 'x',
      COUNTERSIGN_LOG_LEVEL: 'y',
      COUNTERSIGN_ISSUER: '',
      COUNTERSIGN_ISSUE: 'z',
      DATABASE_URL: POSTGRES.DATABASE_URL,
    });

    expect(found).toHaveLength(5);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  it('should not echo a secret that stands in the wrong variable', () => {
    const found = problems({
      COUNTERSIGN_SECRET_FILE: SECRET,
      COUNTERSIGN_KEY_PREFIX: SECRET,
      PORT: SECRET,
      COUNTERSIGN_SECRET_KEY: OLDER_SECRET,
    });

    expect(found).toHaveLength(4);
    expect(found.join('\n')).not.toContain(SECRET);
    expect(found.join('\n')).not.toContain(OLDER_SECRET);
  });
});

function problems(env: NodeJS.ProcessEnv, readFile?: (path: string) => string): readonly string[] {
  try {
    loadConfig(env, readFile);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
  return [];
}

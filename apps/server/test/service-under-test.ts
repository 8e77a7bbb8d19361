import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createTestDatabase } from '../../../test/create-test-database.js';
import { loadConfig } from '../src/config/load-config.js';
import { createLogger } from '../src/observability/logger.js';
import { type RunningService, startService } from '../src/service/start-service.js';
import { AdminClient } from './admin-client.js';
import { asApiKey, type Fetch, HttpClient } from './http-client.js';
import { type MetricsReading, readMetrics } from './metrics-reading.js';

// For the whole file: the start of a service, and tests that wait for something to happen.
jest.setTimeout(60_000);

/** The server secret of every service under test, so that tests can mint and seal as it does. */
export const TEST_SECRET = 'a server secret of the tests and of nothing else';

export interface ServiceUnderTestOptions {
  /** Environment variables besides those that are needed to run at all. */
  readonly env?: Readonly<Record<string, string>>;
  /** How the service is reached, where it terminates TLS. */
  readonly fetch?: Fetch;
  /** Where the service finds the database: a proxy in front of it, say. */
  readonly databaseUrl?: (direct: string) => string | Promise<string>;
}

/** The real service on a database of its own, in this process. One at a time: passport is global. */
export interface ServiceUnderTest {
  /** Where it listens, and its issuer. */
  readonly url: string;
  /** The port of Envoy's ext_authz, where `env` has it served. */
  readonly extAuthzPort: number | null;
  readonly adminKey: string;
  readonly http: HttpClient;
  readonly admin: AdminClient;
  /** The database, without whatever stands between it and the service. */
  readonly databaseUrl: string;
  metrics(): Promise<MetricsReading>;
  /** What introspection answers about `credential` to an administrator. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by what it reads
  introspect(credential: string): Promise<any>;
  /** An access token for the key, by the client credentials grant. */
  tokenFor(key: string, fields?: Readonly<Record<string, string | string[]>>): Promise<string>;
  /** Ends it and leaves nothing; calling it again does nothing. */
  stop(): Promise<void>;
}

export async function startServiceUnderTest(
  options: ServiceUnderTestOptions = {},
): Promise<ServiceUnderTest> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-e2e-'));
  const service = await startOnFreePort({
    DATABASE_URL: (await options.databaseUrl?.(database.url)) ?? database.url,
    COUNTERSIGN_SECRET: TEST_SECRET,
    COUNTERSIGN_DATA_DIR: dataDir,
    COUNTERSIGN_LOG_LEVEL: 'silent',
    ...options.env,
  });
  const adminKey = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
  const http = new HttpClient(service.url, options.fetch);
  const administrator = asApiKey(adminKey);
  return {
    url: service.url,
    extAuthzPort: service.extAuthzPort,
    adminKey,
    http,
    admin: new AdminClient(http, adminKey),
    databaseUrl: database.url,
    metrics: () => readMetrics(http),
    introspect: async (token) => (await http.form('/introspect', { token }, administrator)).json,
    async tokenFor(key, fields = {}) {
      const form = { grant_type: 'client_credentials', ...fields };
      const { status, text, json } = await http.form('/token', form, asApiKey(key));
      if (status !== 200) throw new Error(`/token answered ${status}: ${text}`);
      return json.access_token as string;
    },
    async stop() {
      await service.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * The issuer has to name the port before the service listens, for clients that discover everything
 * from it; should somebody else get the port in between, another is tried.
 */
async function startOnFreePort(env: Readonly<Record<string, string>>): Promise<RunningService> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const scheme = env['COUNTERSIGN_TLS_CERT_FILE'] === undefined ? 'http' : 'https';
    const config = loadConfig({
      PORT: String(port),
      COUNTERSIGN_ISSUER: `${scheme}://127.0.0.1:${port}`,
      ...env,
    });
    try {
      return await startService(config, createLogger(config.logLevel));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === 5) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

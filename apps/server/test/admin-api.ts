import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CreateApiKey,
  CreatePrincipal,
  IssuedApiKey,
  Organization,
  PrincipalResource,
} from '@countersign/contracts';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { createTestDatabase } from '../../../test/create-test-database.js';
import { loadConfig } from '../src/config/load-config.js';
import { createCredentialCore } from '../src/credentials/create-credential-core.js';
import { createKeyMaterial } from '../src/credentials/key-material.js';
import { DrainState } from '../src/endpoints/health/drain-state.js';
import { ADAPTER_OPTIONS } from '../src/http/adapter-options.js';
import { useJsonBodies } from '../src/http/body-parsers.js';
import { createLogger } from '../src/observability/logger.js';
import { Metrics } from '../src/observability/metrics.js';
import { AppModule } from '../src/service/app.module.js';
import { bootstrap } from '../src/service/bootstrap.js';
import { openDatabase } from '../src/service/open-database.js';
import { AdminCaller } from './admin-caller.js';

export interface AdminApi {
  readonly app: NestFastifyApplication;
  readonly dataSource: DataSource;
  /** Holds `countersign:admin` and belongs to no organization. */
  readonly root: AdminCaller;
  /** Anybody, by the credential that it presents. */
  as(credential: string): AdminCaller;
  organization(name?: string): Promise<Organization>;
  principal(body?: Partial<CreatePrincipal>): Promise<PrincipalResource>;
  key(principalId: string, body?: Partial<CreateApiKey>): Promise<IssuedApiKey & { key: string }>;
  /** A new principal that holds exactly these scopes, by a key for all of them. */
  caller(scopes: readonly string[], organizationId?: string): Promise<AdminCaller>;
  /** Lets time pass for a row: moves its moments into the past. */
  age(table: string, idColumn: string, id: string, seconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** The real control plane on a database of its own, with the real way of a credential. */
export async function startAdminApi(): Promise<AdminApi> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-admin-'));
  const config = loadConfig({
    DATABASE_URL: database.url,
    COUNTERSIGN_SECRET: 'the-secret-of-the-tests-and-of-nothing-else',
    COUNTERSIGN_DATA_DIR: dataDir,
    COUNTERSIGN_LOG_LEVEL: 'silent',
  });
  const logger = createLogger(config.logLevel);
  const { dataSource, url, close } = await openDatabase(config, logger);
  if (config.secrets === null) throw new Error('the tests have a secret');
  const keyMaterial = createKeyMaterial(config, config.secrets);
  await bootstrap(dataSource, keyMaterial, config);
  const metrics = new Metrics();
  const core = createCredentialCore({
    config,
    keyMaterial,
    dataSource,
    databaseUrl: url,
    metrics,
    logger,
  });
  await core.follower.start();

  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({
      config,
      keyMaterial,
      dataSource,
      metrics,
      core,
      drainState: new DrainState(),
    }),
    new FastifyAdapter(ADAPTER_OPTIONS),
    { logger: false, abortOnError: false, bodyParser: false },
  );
  useJsonBodies(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();

  const as = (credential: string) => new AdminCaller(app, credential);
  const root = as((await readFile(join(dataDir, 'admin.key'), 'utf8')).trim());
  const api: AdminApi = {
    app,
    dataSource,
    root,
    as,
    organization: (name = 'Acme') => root.create('/v1/organizations', { name }),
    principal: (body = {}) => {
      return root.create('/v1/principals', { type: 'service', name: 'job', ...body });
    },
    key: (principalId, body = {}) => {
      const key = { name: 'key', scopes: [], environment: 'live', ...body };
      return root.create(`/v1/principals/${principalId}/keys`, key);
    },
    async caller(scopes, organizationId) {
      const limit = organizationId === undefined ? {} : { organization_id: organizationId };
      const { id } = await api.principal({ scopes: [...scopes], ...limit });
      const { key } = await api.key(id, { scopes: [...scopes] });
      return as(key);
    },
    async age(table, idColumn, id, seconds) {
      const columns = ['created_at', 'activated_at', 'retired_at', 'expires_at'];
      const found: { column_name: string }[] = await dataSource.query(
        'SELECT column_name FROM information_schema.columns WHERE table_name = $1',
        [table],
      );
      const moved = found
        .filter(({ column_name: column }) => columns.includes(column))
        .map(({ column_name: column }) => `${column} = ${column} - $2 * interval '1 second'`);
      await dataSource.query(`UPDATE ${table} SET ${moved.join(', ')} WHERE ${idColumn} = $1`, [
        id,
        seconds,
      ]);
    },
    async stop() {
      await app.close();
      await core.follower.stop();
      await close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return api;
}

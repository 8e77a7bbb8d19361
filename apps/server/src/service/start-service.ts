import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger as NestLoggerFacade } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { embeddedSecret } from '../config/embedded-secret.js';
import type { Config } from '../config/config.js';
import { createCredentialCore } from '../credentials/create-credential-core.js';
import { Housekeeping } from '../credentials/housekeeping.js';
import { createKeyMaterial } from '../credentials/key-material.js';
import { DataPlane } from '../data-plane/data-plane.js';
import { reportFailure } from '../data-plane/report-failure.js';
import { DATA_PLANE_ROUTES, SUB_REQUEST_ROUTES } from '../data-plane/data-plane.module.js';
import type { AnyDataPlaneRoute } from '../data-plane/data-plane-route.js';
import { DataPlaneHandover } from '../data-plane/data-plane-handover.js';
import type { SubRequestRoute } from '../data-plane/sub-request-route.js';
import { metadataUrl } from '../http/metadata-url.js';
import { GatewayAuthorizer } from '../endpoints/forward-auth/gateway-authorizer.js';
import { DrainState } from '../endpoints/health/drain-state.js';
import { REVOCATION_STREAM_PATH } from '../endpoints/revocations/revocations.controller.js';
import { ADAPTER_OPTIONS } from '../http/adapter-options.js';
import { useJsonBodies } from '../http/body-parsers.js';
import type { Logger } from '../observability/logger.js';
import { measureRequests } from '../observability/measure-requests.js';
import { Metrics } from '../observability/metrics.js';
import { NestLogger } from '../observability/nest-logger.js';
import { requestIdOf, returnRequestIds } from '../observability/request-id.js';
import { AppModule } from './app.module.js';
import { bootstrap } from './bootstrap.js';
import { closeHttp } from './close-http.js';
import { collectStartGarbage } from './collect-start-garbage.js';
import { openDatabase } from './open-database.js';
import { serveDocumentation } from './serve-documentation.js';
import { EXT_AUTHZ_NOT_SERVED, serveExtAuthz } from './serve-ext-authz.js';

/** A service that answers. */
export interface RunningService {
  /** Where it listens, without trailing slash. */
  readonly url: string;
  /** The TCP port of Envoy's ext_authz; null: it is not served. */
  readonly extAuthzPort: number | null;
  /** Whether this start wrote a new administrator's key. */
  readonly administratorCreated: boolean;
  /** Answers what is in progress, then closes everything in the order of need. */
  stop(): Promise<void>;
}

/** Brings the service up, from the database to the listening socket; what fails undoes the rest. */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await bringUp(config, logger, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  config: Config,
  logger: Logger,
  undo: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningService> {
  const secrets =
    config.secrets ??
    ([await embeddedSecret(config.dataDir, (text) => logger.warn(text))] as const);
  const database = await openDatabase(config, logger);
  undo.push(() => database.close());
  const { dataSource } = database;
  const keyMaterial = createKeyMaterial(config, secrets);
  const { administratorCreated } = await bootstrap(dataSource, keyMaterial, config);

  const metrics = new Metrics();
  const core = createCredentialCore({
    config,
    keyMaterial,
    dataSource,
    databaseUrl: database.url,
    metrics,
    logger,
  });
  undo.push(() => core.follower.stop());
  // A wrong server secret shows here and ends the start; the follower would try for ever.
  await core.keyring.reset();
  await core.follower.start();
  await core.measureArgon2();
  const housekeeping = new Housekeeping(core, dataSource, logger);
  undo.push(() => housekeeping.stop());
  housekeeping.start();

  const drainState = new DrainState();
  const handover = new DataPlaneHandover(drainState, config.tls);
  const app = await createControlPlane(
    AppModule.of({ config, dataSource, metrics, core, keyMaterial, drainState }),
    config,
    handover,
    logger,
    metrics,
  );
  const report = reportFailure({ logger, metrics });
  let extAuthz = EXT_AUTHZ_NOT_SERVED;
  // At the same time, so that the grace counts once.
  undo.push(async () => {
    const { shutdownGraceMs } = config;
    await Promise.all([
      closeHttp(app, drainState, shutdownGraceMs),
      extAuthz.stop(shutdownGraceMs),
    ]);
  });
  handover.open(
    new DataPlane({
      routes: app.get<AnyDataPlaneRoute[]>(DATA_PLANE_ROUTES),
      subRequestRoutes: app.get<SubRequestRoute[]>(SUB_REQUEST_ROUTES),
      trustedProxies: config.trustedProxies,
      metadataUrl: metadataUrl(config.issuer),
      onFailure: report,
    }),
  );
  extAuthz = await serveExtAuthz(config, app.get(GatewayAuthorizer), report);
  if (extAuthz.port !== null) logger.info({ port: extAuthz.port }, 'ext_authz is served');
  collectStartGarbage();
  await app.listen(config.port, config.host);
  return {
    url: urlOf(app, config),
    extAuthzPort: extAuthz.port,
    administratorCreated,
    stop,
  };
}

async function createControlPlane(
  module: ReturnType<typeof AppModule.of>,
  config: Config,
  handover: DataPlaneHandover,
  logger: Logger,
  metrics: Metrics,
): Promise<NestFastifyApplication> {
  const nestLogger = new NestLogger(logger);
  NestLoggerFacade.overrideLogger(nestLogger);
  const adapter = new FastifyAdapter({
    ...ADAPTER_OPTIONS,
    serverFactory: (handler: RequestListener) => handover.createServer(handler),
    genReqId: requestIdOf,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger,
    abortOnError: false,
    bodyParser: false,
  });
  useJsonBodies(app);
  const instance = app.getHttpAdapter().getInstance();
  returnRequestIds(instance);
  // A stream takes as long as its client stays, which says nothing.
  measureRequests(instance, metrics, (route) => route !== REVOCATION_STREAM_PATH);
  serveDocumentation(app);
  return app;
}

function urlOf(app: NestFastifyApplication, { host, tls }: Pick<Config, 'host' | 'tls'>): string {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const scheme = tls === null ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

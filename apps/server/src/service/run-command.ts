import { InvalidConfiguration } from '../config/invalid-configuration.js';
import { loadConfig } from '../config/load-config.js';
import type { Config } from '../config/config.js';
import { printGatewayConfig } from '../gateway-config/print-gateway-config.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { keepTickShape } from './keep-tick-shape.js';
import { openDatabase } from './open-database.js';
import { shutdownSignal } from './shutdown-signal.js';
import { startService } from './start-service.js';
import { welcome } from './welcome.js';

/**
 * Runs the service until it is told to stop. With the argument `migrate` it only brings the database's
 * schema up to date; with `gateway-config` it prints the configuration of a gateway.
 * @returns the exit code of the process
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<number> {
  const [command = 'serve', ...more] = args;
  if (command === 'gateway-config') {
    return printGatewayConfig(more, {
      out: (text) => process.stdout.write(text),
      error: (text) => process.stderr.write(text),
    });
  }
  if (command !== 'serve' && command !== 'migrate') {
    process.stderr.write(
      `There is no command ${command}; there are "serve", "migrate" and "gateway-config".\n`,
    );
    return 2;
  }
  let config: Config;
  try {
    config = loadConfig(env);
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const logger = createLogger(config.logLevel);
  try {
    await (command === 'migrate' ? migrate(config, logger) : serve(config, logger));
    return 0;
  } catch (error) {
    logger.fatal({ error }, 'the service cannot run');
    return 1;
  }
}

async function migrate(config: Config, logger: Logger): Promise<void> {
  const database = await openDatabase(config, logger);
  await database.close();
  logger.info('the schema is up to date');
}

async function serve(config: Config, logger: Logger): Promise<void> {
  keepTickShape();
  const stopped = shutdownSignal();
  const starting = startService(config, logger);
  const service = await Promise.race([starting, stopped.then(() => undefined)]);
  if (service === undefined) {
    // What a start waits for may take long, and none of it needs to be undone: locks and the
    // embedded database end with the process.
    logger.info({ signal: await stopped }, 'stopped before the service was up');
    return;
  }
  logger.info({ url: service.url, issuer: config.issuer }, 'listening');
  process.stderr.write(welcome(service, config));
  logger.info({ signal: await stopped }, 'stopping');
  await service.stop();
  logger.info('stopped');
}

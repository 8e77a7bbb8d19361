import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@countersign/embedded-postgres';
import { createDataSource, runMigrations } from '@countersign/persistence';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import type { Logger } from '../observability/logger.js';

/** A database that is there, with the schema of this version. */
export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** For connections besides the pool; holds a password, so it is never logged. */
  readonly url: string;
  readonly embedded: boolean;
  /** Closes the pool and, where it is ours, stops Postgres. */
  close(): Promise<void>;
}

/** Connects to Postgres, starting the embedded one where no other is configured, and migrates it. */
export async function openDatabase(config: Config, logger: Logger): Promise<OpenDatabase> {
  const postgres = config.database.url === null ? await startEmbedded(config, logger) : undefined;
  const url = postgres?.url() ?? config.database.url?.reveal() ?? '';
  const dataSource = createDataSource({
    url,
    poolSize: config.database.poolSize,
    connectTimeoutMs: config.database.timeoutMs,
    statementTimeoutMs: config.database.timeoutMs,
  });
  const close = async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await postgres?.stop();
  };
  try {
    await dataSource.initialize();
    await runMigrations(dataSource);
  } catch (error) {
    await close();
    throw error;
  }
  return { dataSource, url, embedded: postgres !== undefined, close };
}

function startEmbedded(config: Config, logger: Logger): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    log: (line) => logger.info(line),
  });
}

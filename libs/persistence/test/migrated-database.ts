import type { DataSource } from 'typeorm';
import { createDataSource, type DataSourceOptions } from '../src/create-data-source.js';
import { runMigrations } from '../src/run-migrations.js';
import { createTestDatabase } from '../../../test/create-test-database.js';

export interface MigratedDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Another pool, closed together with the database. */
  connect(options?: Partial<DataSourceOptions>): Promise<DataSource>;
  drop(): Promise<void>;
}

/** A database of its own with the schema of today. */
export async function createMigratedDatabase(): Promise<MigratedDatabase> {
  const { url, drop } = await createTestDatabase();
  const opened: DataSource[] = [];
  const connect = async (options: Partial<DataSourceOptions> = {}) => {
    const dataSource = await createDataSource({ ...TEST_OPTIONS, url, ...options }).initialize();
    opened.push(dataSource);
    return dataSource;
  };
  const dataSource = await connect();
  await runMigrations(dataSource);
  return {
    url,
    dataSource,
    connect,
    async drop() {
      const open = opened.filter(({ isInitialized }) => isInitialized);
      await Promise.all(open.map((each) => each.destroy()));
      await drop();
    },
  };
}

export const TEST_OPTIONS = { poolSize: 5, connectTimeoutMs: 2_000, statementTimeoutMs: 5_000 };

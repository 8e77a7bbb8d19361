import type { DataSource } from 'typeorm';
import { withDatabaseFailures } from './map-database-failure.js';

/**
 * The database's wall clock, in milliseconds since the epoch.
 * @throws {DependencyUnavailable}
 */
export function databaseTimeMs(dataSource: DataSource): Promise<number> {
  return withDatabaseFailures(async () => {
    const [row] = await dataSource.query<{ ms: number }[]>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
    );
    if (row === undefined) throw new Error('the database does not tell the time');
    return row.ms;
  });
}

import type pg from 'pg';
import { type DataSource, TypeORMError } from 'typeorm';

/** The connections below TypeORM, for what it cannot say: a named prepared statement. */
export function poolOf(dataSource: DataSource): pg.Pool {
  const { master } = dataSource.driver as unknown as { master?: pg.Pool };
  if (!dataSource.isInitialized || !master) throw new TypeORMError('Driver not Connected');
  return master;
}

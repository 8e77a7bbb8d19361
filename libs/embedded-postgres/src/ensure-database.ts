import pg from 'pg';

/**
 * Creates the database if there is none of that name. Proves in passing that Postgres answers.
 *
 * @param url of another database on the same Postgres
 * @param timeoutMs for each step; 0 counts as 1
 */
export async function ensureDatabase(url: string, name: string, timeoutMs: number): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: Math.max(1, timeoutMs),
    query_timeout: Math.max(1, timeoutMs),
  });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

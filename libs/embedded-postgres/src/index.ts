export { startEmbeddedPostgres } from './start-embedded-postgres.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './start-embedded-postgres.js';
export { EmbeddedPostgresError } from './embedded-postgres-error.js';
export type { EmbeddedPostgresErrorCode } from './embedded-postgres-error.js';

import { DependencyUnavailable } from '@countersign/core';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { ForeignKeyViolation, UniqueViolation } from './database-violation.js';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
// What ON DELETE RESTRICT raises since Postgres 18.
const RESTRICT_VIOLATION = '23001';

/**
 * SQLSTATEs, or their classes, that say that the database cannot answer now, whatever was asked.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE_SQLSTATE = new RegExp(
  `^(?:${[
    '08...', // connection exception
    '25006', // read-only transaction: after a failover this is a standby
    '25P03', // idle in transaction for too long
    '28...', // authorization refused: the password was rotated
    '3D000', // no such database
    '40001', // serialization failure, still after retries
    '40P01', // deadlock, still after retries
    '53...', // insufficient resources: too many connections, disk full, out of memory
    '55P03', // lock timeout
    '57014', // statement timeout
    '57P0[1-5]', // shutting down, starting up, database dropped, session idle for too long
    '58...', // system error: I/O
  ].join('|')})$`,
);

/** Codes of Node for sockets, name look-ups and TLS. */
const UNAVAILABLE_NODE_CODE =
  /^(?:E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|PROTO|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NOTFOUND|AI_AGAIN|ADDRNOTAVAIL|NOENT|ACCES|MFILE)|ERR_(?:SSL|TLS)_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** The driver's failures that carry no code, by the start of their message. */
const UNAVAILABLE_MESSAGE =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Driver not Connected|The server does not support SSL|There was an error establishing an SSL)/;

/**
 * The one place that decides what a failure of the database means: `DependencyUnavailable` when it
 * cannot answer now, `UniqueViolation` or `ForeignKeyViolation` with the name of the constraint,
 * and anything else as it is. Idempotent; the original error is the `cause`, without the values that
 * the statement was run with.
 */
export function mapDatabaseFailure(failure: unknown): unknown {
  removeValues(failure);
  if (wasCutBetweenStatements(failure)) return unavailable(failure);
  const { code, constraint, message } = driverErrorOf(failure);
  if (typeof code === 'string') {
    const name = typeof constraint === 'string' ? constraint : 'unknown';
    if (code === UNIQUE_VIOLATION) return new UniqueViolation(name, { cause: failure });
    if (code === FOREIGN_KEY_VIOLATION || code === RESTRICT_VIOLATION) {
      return new ForeignKeyViolation(name, { cause: failure });
    }
    if (UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_NODE_CODE.test(code)) {
      return unavailable(failure);
    }
  }
  const known = typeof message === 'string' && UNAVAILABLE_MESSAGE.test(message);
  return known ? unavailable(failure) : failure;
}

/** Runs `work`, and rejects with what `mapDatabaseFailure` makes of its failure. */
export async function withDatabaseFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw mapDatabaseFailure(failure);
  }
}

/** Whether Postgres gave a transaction up for the sake of another: it may simply be run again. */
export function isTransactionConflict(failure: unknown): boolean {
  const { code } = driverErrorOf(failure);
  return code === '40001' || code === '40P01';
}

function wasCutBetweenStatements(failure: unknown): boolean {
  return (
    failure instanceof QueryRunnerAlreadyReleasedError ||
    failure instanceof QueryRunnerProviderAlreadyReleasedError
  );
}

interface DriverError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly message?: unknown;
}

function driverErrorOf(failure: unknown): DriverError {
  const error: unknown = failure instanceof QueryFailedError ? failure.driverError : failure;
  return typeof error === 'object' && error !== null ? error : {};
}

/** Errors are logged, and among the values are hashes of secrets and sealed private keys. */
function removeValues(failure: unknown): void {
  if (!(failure instanceof QueryFailedError)) return;
  for (const error of [failure, failure.driverError as object]) {
    for (const name of ['parameters', 'detail', 'where']) Reflect.deleteProperty(error, name);
  }
}

function unavailable(cause: unknown): DependencyUnavailable {
  return new DependencyUnavailable('database', 1, { cause });
}

import { describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import {
  isTransactionConflict,
  mapDatabaseFailure,
  withDatabaseFailures,
} from './map-database-failure.js';

const failed = (properties: object, message = 'failed') =>
  new QueryFailedError('SELECT 1', ['secret'], Object.assign(new Error(message), properties));

describe('mapDatabaseFailure', () => {
  test.each([
    '08006',
    '25006',
    '25P03',
    '28P01',
    '3D000',
    '40001',
    '40P01',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '57P02',
    '57P03',
    '57P05',
    '58030',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ENOENT',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('takes %s for a database that cannot answer now', (code) => {
    for (const failure of [failed({ code }), Object.assign(new Error('failed'), { code })]) {
      const mapped = mapDatabaseFailure(failure);
      expect(mapped).toBeInstanceOf(DependencyUnavailable);
      expect(mapped).toMatchObject({ dependency: 'database', cause: failure });
    }
  });

  test.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'Driver not Connected',
  ])('takes "%s" for a database that cannot answer now', (message) => {
    expect(mapDatabaseFailure(new Error(message))).toBeInstanceOf(DependencyUnavailable);
    expect(mapDatabaseFailure(failed({}, message))).toBeInstanceOf(DependencyUnavailable);
  });

  test('takes a connection that was lost between two statements for the same', () => {
    for (const failure of [
      new QueryRunnerAlreadyReleasedError(),
      new QueryRunnerProviderAlreadyReleasedError(),
    ]) {
      expect(mapDatabaseFailure(failure)).toBeInstanceOf(DependencyUnavailable);
    }
  });

  test('names the constraint that was violated', () => {
    expect(
      mapDatabaseFailure(failed({ code: '23505', constraint: 'roles_name_key' })),
    ).toMatchObject({
      name: 'UniqueViolation',
      constraint: 'roles_name_key',
    });
    for (const code of ['23503', '23001']) {
      expect(mapDatabaseFailure(failed({ code, constraint: 'a_b_fkey' }))).toMatchObject({
        name: 'ForeignKeyViolation',
        constraint: 'a_b_fkey',
      });
    }
  });

  test.each([
    ['a mistake in a statement', failed({ code: '42601' })],
    ['a check that failed', failed({ code: '23514', constraint: 'a_check' })],
    ['an error of ours', new TypeError('Connection is not a function')],
    ['an aborted request', Object.assign(new Error('aborted'), { code: 'ABORT_ERR' })],
    ['what is not an error', 'ECONNREFUSED'],
    ['nothing', undefined],
    ['what was mapped before', mapDatabaseFailure(failed({ code: '08006' }))],
  ])('lets %s through as it is', (_, failure) => {
    expect(mapDatabaseFailure(failure)).toBe(failure);
  });

  test('leaves no value of the statement in what may be logged', () => {
    const failure = failed({
      code: '23514',
      detail: 'Failing row contains (key_1, $argon2id$…).',
      where: "unnamed portal with parameters: $1 = 'secret'",
    });
    const mapped = mapDatabaseFailure(failure) as QueryFailedError;
    expect(mapped).toMatchObject({ query: 'SELECT 1' });
    expect(JSON.stringify([mapped, mapped.driverError])).not.toMatch(/secret|argon2/);
  });

  test('withDatabaseFailures maps what its work rejects with', async () => {
    const work = () => Promise.reject(failed({ code: '57P03' }));
    await expect(withDatabaseFailures(work)).rejects.toBeInstanceOf(DependencyUnavailable);
    await expect(withDatabaseFailures(async () => 7)).resolves.toBe(7);
  });

  test('only deadlocks and serialization failures may simply be run again', () => {
    expect(isTransactionConflict(failed({ code: '40001' }))).toBe(true);
    expect(isTransactionConflict(failed({ code: '40P01' }))).toBe(true);
    expect(isTransactionConflict(failed({ code: '08006' }))).toBe(false);
    expect(isTransactionConflict(new Error('40001'))).toBe(false);
    expect(isTransactionConflict(undefined)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { DependencyUnavailable } from '@countersign/core';
import { createLogger } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import { OAuthFailure } from './oauth-failure.js';
import { reportFailure } from './report-failure.js';

const REQUEST = { route: '/introspect', requestId: () => 'r1' };
const UNAVAILABLE = new OAuthFailure('temporarily_unavailable', 'try again');

function createReports() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('info', {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const metrics = new Metrics();
  const clock = { nowMs: 0 };
  const report = reportFailure({ logger, metrics, now: () => clock.nowMs });
  return { lines, metrics, clock, report };
}

describe('reportFailure', () => {
  it('counts each request of an outage, and writes a line a second for each thing missing', async () => {
    const { lines, metrics, clock, report } = createReports();
    const database = new DependencyUnavailable('database');
    for (let at = 0; at < 5; at += 1) report(UNAVAILABLE, database, REQUEST);
    report(UNAVAILABLE, new DependencyUnavailable('argon2 queue'), REQUEST);
    clock.nowMs = 1_000;
    report(UNAVAILABLE, database, REQUEST);

    expect(lines).toMatchObject([
      { level: 'warn', route: '/introspect', error: { message: 'database is unavailable' } },
      { level: 'warn', without_a_line: 0, error: { message: 'argon2 queue is unavailable' } },
      { level: 'warn', without_a_line: 4, error: { message: 'database is unavailable' } },
    ]);
    const exposed = await metrics.expose();
    expect(exposed).toContain('countersign_unanswered_requests_total{dependency="database"} 6');
    expect(exposed).toContain('countersign_unanswered_requests_total{dependency="argon2 queue"} 1');
  });

  it('finds the outage in the cause of an error', () => {
    const { lines, report } = createReports();
    const cause = new DependencyUnavailable('database');
    report(UNAVAILABLE, new Error('not changed', { cause }), REQUEST);
    expect(lines).toMatchObject([{ level: 'warn' }]);
  });

  it('writes a line for every error of ours, and none for what the client did wrong', () => {
    const { lines, report } = createReports();
    report(new OAuthFailure('server_error', 'ours'), new TypeError('a bug'), REQUEST);
    report(new OAuthFailure('server_error', 'ours'), new TypeError('a bug'), REQUEST);
    report(new OAuthFailure('invalid_request', 'theirs'), new Error('theirs'), REQUEST);
    expect(lines).toMatchObject([{ level: 'error' }, { level: 'error' }]);
  });
});

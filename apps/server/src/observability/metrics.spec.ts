import { beforeEach, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { measureRequests } from './measure-requests.js';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  let metrics: Metrics;

  beforeEach(() => {
    metrics = new Metrics();
  });

  async function sample(name: string): Promise<string[]> {
    const text = await metrics.expose();
    return text.split('\n').filter((line) => line.startsWith(name));
  }

  it('should report hot counters by their labels, and keep counting between scrapes', async () => {
    metrics.credentialRejections.increment('api_key', 'bad_tag');
    metrics.credentialRejections.increment('api_key', 'bad_tag');
    metrics.credentialRejections.increment('access_token', 'expired');
    const kept = metrics.credentialRejections.series('access_token', 'expired');
    kept.increment();

    const expected = [
      'countersign_credential_rejections_total{kind="api_key",code="bad_tag"} 2',
      'countersign_credential_rejections_total{kind="access_token",code="expired"} 2',
    ];
    expect(await sample('countersign_credential_rejections_total')).toEqual(expected);
    expect(await sample('countersign_credential_rejections_total')).toEqual(expected);

    kept.increment();
    expect(await sample('countersign_credential_rejections_total')).toContain(
      'countersign_credential_rejections_total{kind="access_token",code="expired"} 3',
    );
  });

  it('should report counters without labels, and known series before their first increment', async () => {
    expect(await sample('countersign_key_state_reads_total')).toEqual([
      'countersign_key_state_reads_total 0',
    ]);
    metrics.keyStateReads.increment();
    expect(await sample('countersign_key_state_reads_total')).toEqual([
      'countersign_key_state_reads_total 1',
    ]);
    expect(await sample('countersign_introspections_total')).toEqual([
      'countersign_introspections_total{active="true"} 0',
      'countersign_introspections_total{active="false"} 0',
    ]);
  });

  it('should ask gauges when scraped, and report nothing without a source', async () => {
    expect(await sample('countersign_argon2_queue_length')).toEqual([]);

    let length = 3;
    metrics.argon2QueueLength.readFrom(() => length);
    metrics.cacheEntries.watch('key_states', () => 42);

    expect(await sample('countersign_argon2_queue_length')).toEqual([
      'countersign_argon2_queue_length 3',
    ]);
    length = 0;
    expect(await sample('countersign_argon2_queue_length')).toEqual([
      'countersign_argon2_queue_length 0',
    ]);
    expect(await sample('countersign_cache_entries')).toEqual([
      'countersign_cache_entries{cache="key_states"} 42',
    ]);
  });

  it('should report on the process, and keep two services in one process apart', async () => {
    new Metrics().keyStateReads.increment();

    expect(await sample('countersign_key_state_reads_total')).toEqual([
      'countersign_key_state_reads_total 0',
    ]);
    expect(await sample('process_resident_memory_bytes')).toHaveLength(1);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});

describe('measureRequests', () => {
  it('should label by route template, never by path, and leave out hot routes', async () => {
    const metrics = new Metrics();
    const app = fastify();
    measureRequests(app, metrics, (route) => route !== '/introspect');
    app.get('/v1/keys/:id', () => 'ok');
    app.get('/introspect', () => 'ok');

    await app.inject('/v1/keys/key_secret1?x=secret2');
    await app.inject('/introspect');
    await app.inject('/secret3.php');
    await app.close();

    const text = await metrics.expose();
    const counts = text
      .split('\n')
      .filter((line) => line.startsWith('countersign_http_request_duration_seconds_count'));
    expect(counts).toEqual([
      'countersign_http_request_duration_seconds_count{method="GET",route="/v1/keys/:id",status="200"} 1',
      'countersign_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
    ]);
    expect(text).not.toMatch(/secret\d/);
  });
});

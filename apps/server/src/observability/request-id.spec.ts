import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { requestIdOf, returnRequestIds } from './request-id.js';

const FRESH = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('requestIdOf', () => {
  it.each(['a', 'A-b_c.9', 'x'.repeat(64)])('should keep the caller’s id %s', (id) => {
    expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a\nb', 'a,b', '"', 'é', '<b>'])(
    'should replace %j',
    (id) => {
      expect(requestIdOf({ headers: { 'x-request-id': id } })).toMatch(FRESH);
    },
  );

  it('should make one when there is none, and never the same twice', () => {
    const made = Array.from({ length: 100 }, () => requestIdOf({ headers: {} }));
    expect(new Set(made).size).toBe(100);
  });
});

describe('returnRequestIds', () => {
  it('should return the id with answers, errors and unknown routes', async () => {
    const app = fastify({ genReqId: requestIdOf });
    returnRequestIds(app);
    app.get('/ok', () => 'ok');
    app.get('/error', () => {
      throw new Error('broken');
    });

    for (const url of ['/ok', '/error', '/nothing-here']) {
      const given = await app.inject({ url, headers: { 'x-request-id': 'mine.1' } });
      expect(given.headers['x-request-id']).toBe('mine.1');
      const fresh = await app.inject({ url });
      expect(fresh.headers['x-request-id']).toMatch(FRESH);
    }
    await app.close();
  });
});

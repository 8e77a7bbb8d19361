import { Secret } from '@countersign/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, type Logger } from './logger.js';

describe('createLogger', () => {
  let lines: string[];
  let logger: Logger;

  beforeEach(() => {
    lines = [];
    logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  });

  function logged(): Record<string, unknown> {
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  }

  it('should write one JSON object a line, with level and time that people can read', () => {
    logger.info({ position: 7 }, 'applied');

    expect(lines[0]).toMatch(/\n$/);
    expect(logged()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      position: 7,
      msg: 'applied',
    });
  });

  it('should leave out what is below its level', () => {
    logger.debug('not this');
    expect(lines).toEqual([]);
  });

  it.each([
    'authorization',
    'Authorization',
    'x-api-key',
    'cookie',
    'Set-Cookie',
    'token',
    'clientAssertion',
    'access_token',
    'client_secret',
    'key',
    'password',
    'secret',
    'headers',
    'body',
  ])('should redact %s at any depth', (name) => {
    const member = { [name]: 'a-value-that-must-not-show' };
    logger.info({
      ...member,
      one: member,
      a: { two: member, list: [member], b: { three: member, c: { d: [{ e: member }] } } },
    });

    expect(lines[0]).not.toContain('must-not-show');
    expect(logged()).toMatchObject({ a: { b: { three: { [name]: '[redacted]' } } } });
  });

  it('should scrub a credential that stands in a message', () => {
    logger.info('got cs_live_%s', 'a'.repeat(69));
    expect(lines[0]).toContain(`cs_live_${'a'.repeat(16)}[redacted]`);
  });

  it('should not print a Secret under any name', () => {
    logger.info({ harmless: new Secret('a-value-that-must-not-show') });
    expect(logged()).toMatchObject({ harmless: '[redacted]' });
  });

  it('should log of an error no more than name, message, stack, code and causes', () => {
    const cause = Object.assign(new Error('inner'), {
      code: '23505',
      detail: 'Key (x)=(must-not)',
    });
    const error = Object.assign(new Error('outer', { cause }), {
      parameters: ['must-not-show'],
      config: { auth: 'must-not-show' },
    });
    logger.error({ error });

    expect(lines[0]).not.toContain('must-not');
    expect(logged()).toMatchObject({
      error: {
        type: 'Error',
        message: 'outer',
        stack: expect.stringContaining('outer'),
        cause: { message: 'inner', code: '23505' },
      },
    });
  });

  it('should survive an error that is its own cause', () => {
    const error = new Error('loop');
    error.cause = error;
    logger.error(error);
    expect(logged()).toMatchObject({ error: { message: 'loop' } });
  });

  it('should log of a request the route, never headers, body, query or path', () => {
    logger.info({
      req: {
        id: 'r1',
        method: 'GET',
        url: '/v1/keys/must-not?token=must-not',
        headers: { authorization: 'must-not' },
        body: { password: 'must-not' },
        routeOptions: { url: '/v1/keys/:id' },
      },
      res: { statusCode: 200, getHeaders: () => ({ 'set-cookie': 'must-not' }) },
    });

    expect(logged()).toMatchObject({
      req: { id: 'r1', method: 'GET', route: '/v1/keys/:id' },
      res: { status: 200 },
    });
    expect(lines[0]).not.toContain('must-not');
  });
});

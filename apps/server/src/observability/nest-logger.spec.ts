import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger as NestsLogger } from '@nestjs/common';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

describe('NestLogger', () => {
  let lines: Record<string, unknown>[];
  let adapter: NestLogger;

  beforeEach(() => {
    lines = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    adapter = new NestLogger(createLogger('trace', { write }));
  });

  it('should keep the level, the text and the name of the logger', () => {
    adapter.log('one', 'Context');
    adapter.warn('two', 'Context');
    adapter.verbose('three');

    expect(lines).toMatchObject([
      { level: 'info', msg: 'one', context: 'Context' },
      { level: 'warn', msg: 'two', context: 'Context' },
      { level: 'trace', msg: 'three' },
    ]);
    expect(lines[2]).not.toHaveProperty('context');
  });

  it('should take what Nest’s own Logger passes on', () => {
    const before = NestsLogger['staticInstanceRef'] as unknown;
    NestsLogger.overrideLogger(adapter);
    try {
      const logger = new NestsLogger('Named');
      const error = new Error('broken');
      logger.error('plain');
      logger.error('with a stack', error.stack);
      logger.error(error);
      logger.error({ msg: 'with members', request_id: 'r1', stack: 'at once' });
    } finally {
      NestsLogger.overrideLogger(before as NestLogger);
    }

    expect(lines).toMatchObject([
      { level: 'error', msg: 'plain', context: 'Named' },
      { msg: 'with a stack', context: 'Named', stack: expect.stringContaining('broken') },
      { msg: 'broken', context: 'Named', error: { type: 'Error', message: 'broken' } },
      { msg: 'with members', context: 'Named', request_id: 'r1', stack: 'at once' },
    ]);
  });

  it('should move what Nest says at each start to debug', () => {
    adapter.log('Mapped {/x, GET} route', 'RouterExplorer');
    adapter.error('Something is wrong', 'RouterExplorer');

    expect(lines).toMatchObject([{ level: 'debug' }, { level: 'error' }]);
  });
});

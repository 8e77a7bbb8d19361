import 'reflect-metadata';
import type { Verifier } from '@countersign/client';
import { describe, expect, it, jest } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { COUNTERSIGN_VERIFIER, CountersignGuard, CountersignModule, Public } from './index.js';

const OPTIONS = { issuer: 'https://auth.example.com', audience: 'https://orders.example.com' };

async function moduleOf(imported: ReturnType<typeof CountersignModule.forRoot>) {
  const module = await Test.createTestingModule({ imports: [imported] }).compile();
  return module.init();
}

describe('CountersignModule', () => {
  it('makes the verifier of the options, and closes it with the application', async () => {
    const module = await moduleOf(
      CountersignModule.forRoot({ ...OPTIONS, staleness: { policy: 'continue' } }),
    );
    const verifier = module.get<Verifier>(COUNTERSIGN_VERIFIER);
    const close = jest.spyOn(verifier, 'close');
    expect(close).not.toHaveBeenCalled();
    await module.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('takes a verifier of somebody else, who closes it', async () => {
    const verifier = { close: jest.fn() } as unknown as Verifier;
    const module = await moduleOf(
      CountersignModule.forRootAsync({
        inject: [],
        useFactory: () => Promise.resolve({ verifier }),
      }),
    );
    expect(module.get(COUNTERSIGN_VERIFIER)).toBe(verifier);
    await module.close();
    expect(verifier.close).not.toHaveBeenCalled();
  });

  it('lets nothing in that does not come over HTTP, unless it is public', async () => {
    const verifier = { verify: jest.fn() } as unknown as Verifier;
    const module = await moduleOf(CountersignModule.forRoot({ verifier }));
    class Handlers {
      closed() {}
      @Public()
      open() {}
    }
    const message = (handler: () => void) =>
      ({
        getType: () => 'rpc',
        getClass: () => Handlers,
        getHandler: () => handler,
      }) as unknown as ExecutionContext;
    const guard = module.get(CountersignGuard);
    expect(await guard.canActivate(message(Handlers.prototype.closed))).toBe(false);
    expect(await guard.canActivate(message(Handlers.prototype.open))).toBe(true);
    await module.close();
  });
});

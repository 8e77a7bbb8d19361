import 'reflect-metadata';
import type { Principal, VerifiableRequest, Verifier, VerifyResult } from '@countersign/client';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  Next,
  Post,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  BEARER_STRATEGY,
  CountersignGuard,
  CountersignModule,
  type CountersignOptions,
  CurrentPrincipal,
  Public,
  RequireScopes,
} from './index.js';

const principal = { name: 'nightly export', scopes: ['orders:read'] } as unknown as Principal;
const ACCEPTED: VerifyResult = { ok: true, principal, source: 'local' };
const REFUSED: VerifyResult = {
  ok: false,
  status: 401,
  code: 'expired',
  error: 'invalid_token',
  challenge: 'Bearer realm="orders", error="invalid_token"',
};
const UNKNOWN: VerifyResult = {
  ok: false,
  status: 503,
  code: 'unavailable',
  reason: 'keys',
  retryAfterSeconds: 2,
};

/** As a verifier of the realm answers; what it says is its own affair. */
const insufficientScope: Verifier['insufficientScope'] = (scopes, scheme = 'Bearer') => ({
  ok: false,
  status: 403,
  code: 'insufficient_scope',
  error: 'insufficient_scope',
  challenge: `${scheme} realm="orders", error="insufficient_scope", scope="${scopes.join(' ')}"`,
});

@Controller()
class OrdersController {
  @Get('orders')
  @RequireScopes('orders:read')
  list(@CurrentPrincipal() caller: Principal) {
    return { for: caller.name };
  }

  @Post('unmarked')
  unmarked() {
    return {};
  }

  @Get('health')
  @Public()
  health() {
    return {};
  }

  @Get('mistake')
  @Public()
  mistake(@CurrentPrincipal() caller: Principal) {
    return caller;
  }
}

@Controller('open')
@Public()
class OpenController {
  @Get()
  open() {
    return {};
  }

  @Get('closed')
  @RequireScopes('orders:refund')
  closed() {
    return {};
  }
}

@Controller('refunds')
@RequireScopes('orders:read')
class RefundsController {
  @Get()
  @RequireScopes('orders:refund')
  list() {
    return {};
  }

  @Get('about')
  @Public()
  about() {
    return {};
  }
}

/** Behind the guard that stands everywhere, one more: another one, since this is another module. */
@Controller('twice')
@UseGuards(CountersignGuard)
class TwiceController {
  @Get()
  @RequireScopes('orders:read')
  list(@CurrentPrincipal() caller: Principal) {
    return { for: caller.name };
  }
}

/** Hands its requests on, which Express alone can do. */
@Controller('handed-on')
class HandingOnController {
  @Get('*path')
  @RequireScopes('orders:read')
  handOn(@Next() next: () => void) {
    next();
  }
}

@Controller('handed-on')
class HandedOnController {
  @Get('orders')
  @RequireScopes('orders:read')
  list(@CurrentPrincipal() caller: Principal) {
    return { for: caller.name };
  }

  @Get('refunds')
  @RequireScopes('orders:refund')
  refunds() {
    return {};
  }
}

@Controller()
class OthersGuardController {
  @Get('by-passport')
  @UseGuards(AuthGuard(BEARER_STRATEGY))
  byPassport() {
    return {};
  }

  @Get('by-our-guard')
  @UseGuards(CountersignGuard)
  byOurGuard() {
    return {};
  }

  @Get('unguarded')
  unguarded() {
    return {};
  }
}

let app: INestApplication | undefined;

afterEach(() => app?.close());

const PLATFORMS = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const;

const GUARDED = [OrdersController, OpenController, RefundsController, TwiceController];

type ServeOptions = Partial<CountersignOptions> & { guard?: boolean; controllers?: Type[] };

/** An application with a verifier that says `result` of everything. */
async function serve(
  platform: (typeof PLATFORMS)[number][1],
  result: VerifyResult | Error,
  {
    guard = true,
    controllers = guard ? GUARDED : [OthersGuardController],
    ...options
  }: ServeOptions = {},
) {
  const verify = jest.fn<Verifier['verify']>(async () => {
    if (result instanceof Error) throw result;
    return result;
  });
  const verifier = { verify, insufficientScope } as unknown as Verifier;

  @Module({
    imports: [
      CountersignModule.forRootAsync({ guard, useFactory: () => ({ ...options, verifier }) }),
    ],
    controllers,
  })
  class AppModule {}

  app = await NestFactory.create(AppModule, platform(), { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, init);
    return { response, body: (await response.json().catch(() => null)) as unknown };
  };
  return { verify, call };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe.each(PLATFORMS)('CountersignGuard on %s', (_, platform) => {
  it('gives the route the principal, by each way to present a credential', async () => {
    const { verify, call } = await serve(platform, ACCEPTED);
    for (const headers of [
      { 'x-api-key': 'cs_live_k' },
      { authorization: 'Bearer a.b.c' },
      { authorization: 'Bearer cs_live_k' },
      { authorization: 'DPoP a.b.c' },
    ]) {
      const { response, body } = await call('/orders', { headers });
      expect([response.status, body]).toEqual([200, { for: 'nightly export' }]);
    }
    expect(verify).toHaveBeenCalledTimes(4);
  });

  it('has the verifier see the request as it was sent, each header as often as it came', async () => {
    const context = () => ({ certificateThumbprint: 'of the connection' });
    const { verify, call } = await serve(platform, ACCEPTED, { context });
    await call('/orders?full=1', { headers: { 'x-api-key': 'k' } });
    const [request, options] = verify.mock.calls[0] ?? [];
    expect(request).toMatchObject({
      method: 'GET',
      originalUrl: '/orders?full=1',
      ip: expect.stringContaining('127.0.0.1'),
    });
    expect((request as VerifiableRequest).rawHeaders).toContain('x-api-key');
    expect(options).toEqual({ scopes: ['orders:read'], context: context() });
  });

  it('lets everybody in where a route says so, and nowhere else', async () => {
    const { verify, call } = await serve(platform, REFUSED);
    for (const path of ['/health', '/open', '/refunds/about']) {
      expect((await call(path)).response.status).toBe(200);
    }
    expect(verify).not.toHaveBeenCalled();
    expect((await call('/orders')).response.status).toBe(401);
    expect((await call('/unmarked', { method: 'POST' })).response.status).toBe(401);
    expect((await call('/open/closed')).response.status).toBe(401);
  });

  it('needs the scopes of the class as well as those of the route', async () => {
    const { verify, call } = await serve(platform, ACCEPTED);
    await call('/refunds');
    expect(verify.mock.calls[0]?.[1]?.scopes).toEqual(['orders:read', 'orders:refund']);
  });

  it('verifies a request once, however many stand in its way', async () => {
    const { verify, call } = await serve(platform, { ...ACCEPTED, dpopNonce: 'n-2' });
    const { response, body } = await call('/twice', { headers: { authorization: 'DPoP a.b.c' } });
    expect([response.status, body]).toEqual([200, { for: 'nightly export' }]);
    expect(response.headers.get('dpop-nonce')).toBe('n-2');
    expect(verify).toHaveBeenCalledTimes(1);
    await call('/twice', { headers: { authorization: 'DPoP a.b.c' } });
    expect(verify).toHaveBeenCalledTimes(2);
  });

  it('answers a refusal with its status, challenge and nonce, whatever was presented', async () => {
    const { verify, call } = await serve(platform, { ...REFUSED, dpopNonce: 'n-1' });
    const both = { 'x-api-key': 'cs_live_k', ...bearer('a.b.c').headers };
    for (const headers of [{}, { authorization: 'Basic eDp5' }, bearer('a.b.c').headers, both]) {
      const { response, body } = await call('/orders', { headers });
      expect([response.status, body]).toEqual([401, { error: 'invalid_token' }]);
      expect(response.headers.get('www-authenticate')).toBe(REFUSED.challenge);
      expect(response.headers.get('dpop-nonce')).toBe('n-1');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    expect(verify).toHaveBeenCalledTimes(4);
  });

  it('answers 503 when it cannot be told, without a challenge', async () => {
    const { call } = await serve(platform, UNKNOWN);
    for (const headers of [bearer('a.b.c').headers, { 'x-api-key': 'cs_live_k' }]) {
      const { response, body } = await call('/orders', { headers });
      expect([response.status, body]).toEqual([503, { error: 'temporarily_unavailable' }]);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(response.headers.has('www-authenticate')).toBe(false);
    }
  });

  it('sends the nonce that an accepted proof is answered with', async () => {
    const { call } = await serve(platform, { ...ACCEPTED, dpopNonce: 'n-2' });
    expect((await call('/orders', bearer('a'))).response.headers.get('dpop-nonce')).toBe('n-2');
  });

  it('lets nobody in when the verifier fails', async () => {
    const { call } = await serve(platform, new Error('unforeseen'));
    expect((await call('/orders', bearer('a.b.c'))).response.status).toBe(500);
    expect((await call('/orders')).response.status).toBe(500);
  });

  it('has no principal on a public route', async () => {
    const { call } = await serve(platform, ACCEPTED);
    expect((await call('/mistake')).response.status).toBe(500);
  });

  it('stands only where it is put when it is not put everywhere', async () => {
    const { call } = await serve(platform, REFUSED, { guard: false });
    expect((await call('/unguarded')).response.status).toBe(200);
    expect((await call('/by-our-guard')).response.status).toBe(401);
  });

  it("ends in the same verifier under somebody else's guard, where an outage is 503 too", async () => {
    for (const [result, status] of [
      [ACCEPTED, 200],
      [REFUSED, 401],
      [UNKNOWN, 503],
    ] as const) {
      const { verify, call } = await serve(platform, result, { guard: false });
      expect((await call('/by-passport', bearer('a.b.c'))).response.status).toBe(status);
      expect(verify.mock.calls).toEqual([['a.b.c']]);
      await app?.close();
    }
  });
});

describe('CountersignGuard', () => {
  it('asks for the scopes of both where a route hands the request on, and verifies it once', async () => {
    const { verify, call } = await serve(() => new ExpressAdapter(), ACCEPTED, {
      controllers: [HandingOnController, HandedOnController],
    });
    const { response, body } = await call('/handed-on/orders', bearer('a.b.c'));
    expect([response.status, body]).toEqual([200, { for: 'nightly export' }]);
    expect(verify).toHaveBeenCalledTimes(1);
    for (const scheme of ['Bearer', 'DPoP']) {
      const headers = { authorization: `${scheme} a.b.c` };
      const refused = await call('/handed-on/refunds', { headers });
      expect([refused.response.status, refused.body]).toEqual([
        403,
        { error: 'insufficient_scope' },
      ]);
      expect(refused.response.headers.get('www-authenticate')).toBe(
        `${scheme} realm="orders", error="insufficient_scope", scope="orders:read orders:refund"`,
      );
    }
    expect(verify).toHaveBeenCalledTimes(3);
  });
});

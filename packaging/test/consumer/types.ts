import { createTokenSource, createVerifier, type Principal } from '@countersign/client';
import { createTestIssuer } from '@countersign/client/testing';
import { principal as principalSchema } from '@countersign/contracts';
import { countersign as forExpress, principalOf } from '@countersign/express';
import { countersign as forFastify, principalOf as principalOfFastify } from '@countersign/fastify';
import { type CountersignEnv, countersign as forHono } from '@countersign/hono';
import { CountersignModule, CurrentPrincipal, Public, RequireScopes } from '@countersign/nest';
import { createLocalVerifier } from '@countersign/verify';
import { Controller, Get, Module } from '@nestjs/common';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';

// Compiled, never run: the types of the packages as their users see them. Each `@ts-expect-error` says
// that what stands before it is not `any`.

const options = { issuer: 'https://auth.example.com', audience: 'https://orders.example.com' };
const verifier = createVerifier({ ...options, credential: () => 'key' });

export async function verify(request: Request): Promise<string> {
  const result = await verifier.verify(request, { scopes: ['orders:read'] });
  if (!result.ok) return result.status === 503 ? result.reason : result.challenge;
  // @ts-expect-error a principal is not a number
  const wrong: number = result.principal;
  return result.principal.name + String(wrong);
}

export const token: Promise<string> = createTokenSource({ ...options, credential: 'k' }).token();
export const issuer: string = createTestIssuer().issuer;
export const parsed: Principal = principalSchema.parse({});
export const local = createLocalVerifier(options).verify('token');

const protect = forExpress(verifier);
const app = express();
app.use(protect());
app.get('/orders', protect('orders:read'), (request, response) => {
  const name: string | undefined = request.principal?.name;
  // @ts-expect-error a principal is not a number
  const wrong: number = principalOf(request);
  response.json({ name, wrong });
});

const server = fastify();
void server.register(forFastify, { verifier });
server.get('/orders', { config: { scopes: ['orders:read'] } }, (request) => {
  const caller: Principal = principalOfFastify(request);
  // @ts-expect-error a principal is not a number
  const wrong: number | null = request.principal;
  return { caller, wrong };
});

const hono = new Hono<CountersignEnv>();
hono.get('/orders', forHono(verifier)('orders:read'), (c) => {
  // @ts-expect-error a principal is not a number
  const wrong: number = c.get('principal');
  return c.json({ wrong, name: c.var.principal.name });
});

@Controller()
class OrdersController {
  @Get('orders')
  @RequireScopes('orders:read')
  list(@CurrentPrincipal() caller: Principal): string {
    return caller.name;
  }

  @Get('health')
  @Public()
  health(): string {
    return 'ok';
  }
}

@Module({
  imports: [
    CountersignModule.forRoot(options),
    CountersignModule.forRootAsync({ guard: false, useFactory: () => ({ verifier }) }),
    // @ts-expect-error an audience is missing
    CountersignModule.forRoot({ issuer: 'https://auth.example.com' }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}

import {
  type Principal,
  renderRefusal,
  type Verifier,
  type VerifyContext,
} from '@countersign/client';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; null on a public route. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** All of these are needed. Default: none, but a valid credential is. */
    scopes?: readonly string[];
    /** Let everybody in, without a look at the credential. Default false. */
    public?: boolean;
  }
}

export interface CountersignOptions {
  readonly verifier: Verifier;
  /** What is known of a request and does not stand in it, such as the client's certificate. */
  readonly context?: ((request: FastifyRequest) => VerifyContext) | undefined;
}

/**
 * Fastify's plugin: no route that is registered after it is open, unless it says so by
 * `{ config: { public: true } }`; `{ config: { scopes: ['orders:read'] } }` names what is needed. Who is
 * let in is in `request.principal`. Everybody else is answered before the body is read: 400, 401 and 403
 * with the challenge, 503 when it cannot be told, which is not 401. What is not found needs a credential
 * as well, since a handler may serve it.
 *
 * The verifier is the caller's, who closes it.
 * @see RFC 6750 §3
 */
export const countersign = fastifyPlugin(registerCountersign, {
  name: '@countersign/fastify',
  fastify: '5.x',
});

async function registerCountersign(
  app: FastifyInstance,
  { verifier, context }: CountersignOptions,
): Promise<void> {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', ({ config, url }) => {
    // Which of the two was meant is nothing to find out in production.
    if (config?.public === true && (config.scopes?.length ?? 0) > 0) {
      throw new Error(`the route ${url} is public and names scopes: it can be one of them only`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    const { scopes = [], public: isPublic = false } = request.routeOptions.config;
    if (isPublic) return;
    const result = await verifier.verify(verifiable(request), {
      scopes,
      context: context?.(request),
    });
    if (!result.ok) return refuse(reply, renderRefusal(result));
    if (result.dpopNonce !== undefined) reply.header('dpop-nonce', result.dpopNonce);
    request.principal = result.principal;
  });
}

/** Without the raw headers, one that came twice would be seen once. */
function verifiable({ headers, raw, method, originalUrl, ip }: FastifyRequest) {
  return { headers, rawHeaders: raw.rawHeaders, method, originalUrl, ip };
}

function refuse(
  reply: FastifyReply,
  { status, headers, body }: ReturnType<typeof renderRefusal>,
): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

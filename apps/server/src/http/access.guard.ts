import { satisfiesScope } from '@countersign/contracts';
import { type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientCertificates } from '../client-certificates/client-certificates.js';
import { API_KEY_STRATEGY } from './api-key.strategy.js';
import { authenticationContext } from './authentication-context.js';
import { BEARER_STRATEGY } from './bearer.strategy.js';
import type { CallContext, Caller } from './caller-authenticator.js';
import './fastify-request.js';
import {
  CHALLENGE,
  dpopChallenge,
  INVALID_REQUEST_CHALLENGE,
  INVALID_TOKEN_CHALLENGE,
  insufficientScopeChallenge,
} from './challenge.js';
import { isDpopScheme, presentationOf } from './presented-credential.js';
import { ProblemException } from './problem.js';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

/**
 * Stands before every Nest route: access declared → credential presented once → authenticated →
 * scope held. A route that declares no access is refused, so forgetting a decorator opens nothing.
 */
@Injectable()
export class AccessGuard extends AuthGuard([API_KEY_STRATEGY, BEARER_STRATEGY]) {
  readonly #logger = new Logger(AccessGuard.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly certificates: ClientCertificates,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.#accessOf(context);
    if (access.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    requireOneCredential(request);
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const caller = await this.#authenticate(context, request, reply, access);
    void reply.header('cache-control', 'no-store');
    if (access.kind === 'scope') requireScope(caller, access.scope);
    return true;
  }

  /** Called by passport's callback: an outage goes on as it is, a rejection always looks alike. */
  override handleRequest<User>(
    error: unknown,
    caller: User | false,
    _info: unknown,
    context: ExecutionContext,
  ): User {
    if (error) throw error instanceof Error ? error : new Error('a strategy failed');
    if (caller === false || caller === undefined) {
      throw invalidToken(context.switchToHttp().getRequest<FastifyRequest>());
    }
    return caller;
  }

  override getAuthenticateOptions() {
    return { property: 'caller', session: false };
  }

  #accessOf(context: ExecutionContext): RouteAccess {
    const targets = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, targets);
    if (access !== undefined) return access;
    const route = `${context.getClass().name}.${context.getHandler().name}`;
    this.#logger.error(`${route} declares no access (@RequireScope, @Authenticated or @Public)`);
    throw new ProblemException('not_permitted', 'The caller may not do this.');
  }

  async #authenticate(
    context: ExecutionContext,
    request: FastifyRequest,
    reply: FastifyReply,
    access: RouteAccess,
  ): Promise<Caller> {
    const call: CallContext = {
      ip: request.ip ?? null,
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '/',
      audienceCheck: access.kind === 'authenticated' ? 'any' : 'issuer',
      scheme: isDpopScheme(request) ? 'DPoP' : 'other',
      proof: request.headers['dpop'],
      certificateThumbprint: this.certificates.ofSender(request)?.thumbprint,
      offerNonce: (nonce) => void reply.header('dpop-nonce', nonce),
    };
    await authenticationContext.run(call, () => super.canActivate(context));
    if (request.caller === undefined) throw invalidToken(request);
    return request.caller;
  }
}

function requireOneCredential(request: FastifyRequest): void {
  switch (presentationOf(request)) {
    case 'one':
      return;
    case 'malformed':
      throw invalidToken(request);
    case 'none':
      throw new ProblemException('unauthenticated', 'A valid credential is needed.', {
        headers: { 'www-authenticate': CHALLENGE },
      });
    case 'ambiguous':
      throw new ProblemException(
        'invalid_request',
        'Present one credential, once: in `Authorization` (Bearer or DPoP) or in `X-API-Key`.',
        { headers: { 'www-authenticate': INVALID_REQUEST_CHALLENGE } },
      );
  }
}

function requireScope(caller: Caller, scope: Parameters<typeof satisfiesScope>[1]): void {
  if (satisfiesScope(caller.principal.scopes, scope)) return;
  throw new ProblemException('insufficient_scope', `The scope \`${scope}\` is needed.`, {
    headers: { 'www-authenticate': insufficientScopeChallenge(scope) },
  });
}

function invalidToken(request: FastifyRequest): ProblemException {
  const challenge = isDpopScheme(request)
    ? dpopChallenge('invalid_token')
    : INVALID_TOKEN_CHALLENGE;
  return new ProblemException('unauthenticated', 'A valid credential is needed.', {
    headers: { 'www-authenticate': challenge },
  });
}

import {
  type RefusedCredential,
  renderRefusal,
  type UnknownCredential,
  type Verifier,
} from '@countersign/client';
import { type ExecutionContext, HttpException, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Authentication, authentication } from './authentication.js';
import type { CountersignOptions } from './countersign-options.js';
import { insufficientScope } from './insufficient-scope.js';
import { COUNTERSIGN_OPTIONS } from './options.token.js';
import { passedRequests } from './passed-requests.js';
import { IS_PUBLIC } from './public.decorator.js';
import { REQUIRED_SCOPES } from './require-scopes.decorator.js';
import { API_KEY_STRATEGY, BEARER_STRATEGY } from './strategy-names.js';
import { type PlatformRequest, verifiableRequest } from './verifiable-request.js';
import { COUNTERSIGN_VERIFIER } from './verifier.token.js';

/**
 * Lets in who has a valid credential with the scopes of `@RequireScopes`, and everybody where
 * `@Public()` stands. Everybody else gets an `HttpException`: 400, 401 and 403 with the challenge, 503
 * when it cannot be told, which is not 401. What does not come over HTTP is not let in. A request is
 * verified once, however many of these stand in its way.
 *
 * @see RFC 6750 §3
 */
@Injectable()
export class CountersignGuard extends AuthGuard([API_KEY_STRATEGY, BEARER_STRATEGY]) {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(COUNTERSIGN_VERIFIER) private readonly verifier: Verifier,
    @Inject(COUNTERSIGN_OPTIONS) private readonly options: CountersignOptions,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#isPublic(context)) return true;
    if (context.getType() !== 'http') return false;
    const request = context.switchToHttp().getRequest<PlatformRequest>();
    const scopes = this.#scopesOf(context);
    const passed = passedRequests(this.verifier);
    const before = passed.get(request);
    if (before !== undefined) {
      // With what was asked before: a client that gets itself only what is named here would fail there.
      const needed = [...new Set([...before.scopes, ...scopes])];
      const lacking = insufficientScope(this.verifier, request, before.principal, needed);
      if (lacking !== undefined) throw this.#refusal(context, lacking);
      passed.set(request, { ...before, scopes: needed });
      return true;
    }
    const attempt = new Authentication(this.verifier, verifiableRequest(request), {
      scopes,
      context: this.options.context?.(context),
    });
    await authentication.run(attempt, () => super.canActivate(context));
    // Where no strategy found a credential, nobody has asked yet.
    const result = await attempt.result();
    if (!result.ok) throw this.#refusal(context, result);
    if (result.dpopNonce !== undefined) this.#setHeader(context, 'dpop-nonce', result.dpopNonce);
    passed.set(request, { principal: result.principal, scopes });
    Object.assign(request, { principal: result.principal });
    return true;
  }

  /** Called by passport: a failure goes on as it is; what was rejected is answered above. */
  override handleRequest<User>(error: unknown, user: User | false): User {
    if (error) throw error instanceof Error ? error : new Error('a strategy failed');
    return (user || undefined) as User;
  }

  override getAuthenticateOptions() {
    return { property: 'principal', session: false };
  }

  /** The nearest decorator decides, and one that requires scopes before one that requires nothing. */
  #isPublic(context: ExecutionContext): boolean {
    for (const target of [context.getHandler(), context.getClass()]) {
      if (this.reflector.get<unknown>(REQUIRED_SCOPES, target) !== undefined) return false;
      if (this.reflector.get<unknown>(IS_PUBLIC, target) === true) return true;
    }
    return false;
  }

  #scopesOf(context: ExecutionContext): string[] {
    return [context.getClass(), context.getHandler()].flatMap(
      (target) => this.reflector.get<string[] | undefined>(REQUIRED_SCOPES, target) ?? [],
    );
  }

  #refusal(
    context: ExecutionContext,
    result: RefusedCredential | UnknownCredential,
  ): HttpException {
    const { status, headers, body } = renderRefusal(result);
    for (const [name, value] of Object.entries(headers)) this.#setHeader(context, name, value);
    return new HttpException(body, status);
  }

  #setHeader(context: ExecutionContext, name: string, value: string): void {
    this.host.httpAdapter.setHeader(context.switchToHttp().getResponse(), name, value);
  }
}

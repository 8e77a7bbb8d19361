import {
  Authenticator,
  type BindingRefusal,
  BindingVerifier,
  type DecisionContext,
  type InternalTokenOutcome,
  InternalTokens,
  MalformedCertificate,
  type Outcome,
  type PresentedCredential,
  presentedCredential,
  type Upstream,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientCertificates } from '../../client-certificates/client-certificates.js';
import { CONFIG, type Config } from '../../config/config.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { proofRefused } from '../../data-plane/proof-refused.js';
import type { SubRequestRoute } from '../../data-plane/sub-request-route.js';
import {
  CHALLENGE,
  INVALID_REQUEST_CHALLENGE,
  INVALID_TOKEN_CHALLENGE,
  insufficientScopeChallenge,
} from '../../http/challenge.js';
import type { HotSeries } from '../../observability/hot-counter.js';
import { Metrics } from '../../observability/metrics.js';
import { EndClientRequest } from './end-client-request.js';
import { NOBODYS_HEADERS, principalHeaders } from './principal-headers.js';
import { type Requirement, WrongRequirement } from './requirement.js';
import { readSubRequest, type SubRequest } from './sub-request.js';

/** What an end client can present to an API. */
type Presented = Extract<
  PresentedCredential,
  { readonly mechanism: 'bearer' | 'dpop' | 'x-api-key' }
>;

/** What is answered about an internal token, made once for as long as the token is handed out. */
const renderedHeaders = new WeakMap<InternalTokenOutcome, readonly string[]>();

/**
 * `/forward-auth`, by any method and with any path behind it: a gateway asks whether it may let an end
 * client's request through. Read what it requires → authenticate the end client → scopes → answer.
 * Exactly 200, 401 or 403: nginx takes others for errors, and Envoy lets no other 2xx through. What
 * is not a decision (an outage, a gateway that asks wrongly) is 5xx, which every gateway takes for no.
 */
@Injectable()
export class ForwardAuthEndpoint implements SubRequestRoute {
  readonly path = '/forward-auth';
  readonly access = { kind: 'holder' } as const;
  readonly #allowed: HotSeries;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly bindings: BindingVerifier,
    private readonly internalTokens: InternalTokens,
    private readonly certificates: ClientCertificates,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer' | 'trustedProxies'>,
    private readonly metrics: Metrics,
  ) {
    this.#allowed = metrics.forwardAuths.series('allowed');
  }

  handle(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    const subRequest = this.#read(request);
    const { requirement } = subRequest;
    const upstream = this.#upstream(requirement);
    const presented = this.#presented(request);
    if (presented === undefined) {
      if (!requirement.optional) throw this.#unauthenticated(CHALLENGE);
      this.metrics.forwardAuths.increment('anonymous');
      return answer(reply, NOBODYS_HEADERS);
    }
    const nowMs = Date.now();
    const endClient = new EndClientRequest(request, subRequest, this.config.trustedProxies);
    const context = {
      nowMs,
      audience: upstream.audience,
      request: endClient,
      purpose: 'use',
      certificateThumbprint: this.#certificateThumbprint(request),
    } as const;
    const { mechanism, credential } = presented;
    const outcome =
      mechanism === 'dpop'
        ? this.#authenticateBound(credential, request, endClient, context)
        : this.authenticator.authenticate(credential, context);
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#decide(settled, requirement, upstream, reply, nowMs))
      : this.#decide(outcome, requirement, upstream, reply, nowMs);
  }

  /**
   * A token that is bound to a key: the end client proves to hold it, for the request that it sent.
   * @see RFC 9449 §7.1
   */
  async #authenticateBound(
    accessToken: string,
    { headers }: FastifyRequest,
    endClient: EndClientRequest,
    context: DecisionContext,
  ): Promise<Outcome> {
    const { method, url } = endClient;
    // Who does not tell what was asked for cannot have a proof checked that speaks of it.
    if (method === undefined || url === undefined)
      throw this.#unauthenticated(INVALID_TOKEN_CHALLENGE);
    const proven = { scheme: 'DPoP', proof: headers['dpop'], method, url, accessToken } as const;
    const binding = await this.bindings.ofResourceRequest(proven, context.nowMs);
    if (!binding.ok) throw this.#proofRefused(binding);
    const outcome = await this.authenticator.authenticate(accessToken, { ...context, binding });
    if (!outcome.ok && outcome.code === 'replayed') {
      throw this.#proofRefused(this.bindings.refuseReplay(context.nowMs));
    }
    return outcome;
  }

  #certificateThumbprint(request: FastifyRequest): string | undefined {
    try {
      return this.certificates.ofEndClient(request)?.thumbprint;
    } catch (error) {
      if (!(error instanceof MalformedCertificate)) throw error;
      throw wrongRequirement(`the client certificate: ${error.message}`);
    }
  }

  #proofRefused(refusal: BindingRefusal): OAuthFailure {
    this.metrics.forwardAuths.increment('unauthenticated');
    return proofRefused(refusal, 'resource');
  }

  #read(request: FastifyRequest): SubRequest {
    try {
      return readSubRequest(request.originalUrl, this.path, request.headers);
    } catch (error) {
      if (error instanceof WrongRequirement) throw wrongRequirement(error.message);
      throw error;
    }
  }

  #upstream({ audience }: Requirement): Upstream {
    const upstream = this.internalTokens.upstream(audience);
    if (upstream === undefined) throw wrongRequirement('no resource server has this audience');
    return upstream;
  }

  /** @returns undefined when there is none at all */
  #presented({ headers }: FastifyRequest): Presented | undefined {
    const presented = presentedCredential(headers);
    switch (presented.mechanism) {
      case 'none':
        return undefined;
      case 'bearer':
      case 'dpop':
      case 'x-api-key':
        return presented;
      case 'ambiguous':
        // RFC 6750 §3.1 has 400 for it, which nginx would turn into 500.
        throw this.#unauthenticated(INVALID_REQUEST_CHALLENGE, presented.detail);
      case 'malformed':
      case 'basic':
      case 'client_secret_post':
      case 'client_assertion':
        throw this.#unauthenticated(INVALID_TOKEN_CHALLENGE);
    }
  }

  #decide(
    outcome: Outcome,
    requirement: Requirement,
    upstream: Upstream,
    reply: FastifyReply,
    nowMs: number,
  ): void | Promise<void> {
    if (!outcome.ok) throw this.#unauthenticated(INVALID_TOKEN_CHALLENGE);
    const scopes = this.internalTokens.scopesAt(upstream, outcome);
    if (!requirement.scopes.every((scope) => scopes.includes(scope))) {
      throw this.#insufficientScope(requirement.scopes);
    }
    const token = this.internalTokens.for(outcome, upstream, nowMs);
    return token instanceof Promise
      ? token.then((settled) => this.#answer(settled, outcome, scopes, reply))
      : this.#answer(token, outcome, scopes, reply);
  }

  #answer(
    token: InternalTokenOutcome,
    { principal }: VerifiedCredential,
    scopes: readonly string[],
    reply: FastifyReply,
  ): void {
    if (!token.ok) {
      // A client that has got a new token is better off.
      if (token.reason !== 'too_large') throw this.#unauthenticated(INVALID_TOKEN_CHALLENGE);
      throw new OAuthFailure('server_error', 'no token is large enough for this principal');
    }
    let headers = renderedHeaders.get(token);
    if (headers === undefined) {
      headers = principalHeaders(principal, scopes, token.jwt);
      renderedHeaders.set(token, headers);
    }
    this.#allowed.increment();
    answer(reply, headers);
  }

  /** @see RFC 6750 §3.1: no error code where no credential was presented */
  #unauthenticated(challenge: string, detail = 'a valid credential is needed'): OAuthFailure {
    this.metrics.forwardAuths.increment('unauthenticated');
    const code = challenge === INVALID_REQUEST_CHALLENGE ? 'invalid_request' : 'invalid_token';
    return new OAuthFailure(code, detail, {
      status: 401,
      challenge,
      withoutCode: challenge === CHALLENGE,
    });
  }

  /** @see RFC 6750 §3.1 */
  #insufficientScope(scopes: readonly string[]): OAuthFailure {
    this.metrics.forwardAuths.increment('insufficient_scope');
    const scope = scopes.join(' ');
    return new OAuthFailure('insufficient_scope', `needed: ${scope}`, {
      challenge: insufficientScopeChallenge(scope),
    });
  }
}

/** A mistake of whoever configured the gateway: nothing is let through, and the log says why. */
function wrongRequirement(detail: string): OAuthFailure {
  return new OAuthFailure('server_error', `the gateway asks wrongly: ${detail}`);
}

/**
 * Exactly 200, without a body, and never cached: nginx would keep a 200 that lacks `no-store` where it
 * caches. Written past Fastify's reply, as every hot answer is.
 */
function answer(reply: FastifyReply, headers: readonly string[]): void {
  reply.hijack();
  reply.raw.writeHead(200, ['cache-control', 'no-store', 'content-length', '0', ...headers]);
  reply.raw.end();
}

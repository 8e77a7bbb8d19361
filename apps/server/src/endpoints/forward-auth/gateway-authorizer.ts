import {
  Authenticator,
  type BindingRefusal,
  BindingVerifier,
  type CredentialHeaders,
  type DecisionContext,
  type InternalTokenOutcome,
  InternalTokens,
  type Outcome,
  type PresentedCredential,
  presentedCredential,
  type Upstream,
  type VerifiedCredential,
} from '@countersign/core';
import type { RequestContext } from '@countersign/verify';
import { ChangeFollower } from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { proofRefused } from '../../data-plane/proof-refused.js';
import {
  CHALLENGE,
  INVALID_REQUEST_CHALLENGE,
  INVALID_TOKEN_CHALLENGE,
  insufficientScopeChallenge,
} from '../../http/challenge.js';
import type { HotSeries } from '../../observability/hot-counter.js';
import { Metrics } from '../../observability/metrics.js';
import { metadataUrl } from '../../http/metadata-url.js';
import { NOBODYS_HEADERS, principalHeaders } from './principal-headers.js';
import type { Requirement } from './requirement.js';
import { wrongRequirement } from './wrong-requirement.js';

/** What a gateway tells of an end client's request, and what it asks of it. */
export interface GatewayQuestion {
  readonly requirement: Requirement;
  /** The end client's, by names in lower case; one that was repeated is joined by commas. */
  readonly headers: CredentialHeaders & {
    readonly dpop?: string | readonly string[] | undefined;
  };
  /** `url`: what was asked for, without the query: what a DPoP proof speaks of (RFC 9449 §4.2). */
  readonly endClient: RequestContext & { readonly url?: string | undefined };
  /** Of the certificate that the end client has shown to the gateway. @see RFC 8705 §3 */
  readonly certificateThumbprint?: string | undefined;
}

/** What an end client can present to an API. */
type Presented = Extract<
  PresentedCredential,
  { readonly mechanism: 'bearer' | 'dpop' | 'x-api-key' }
>;

/** What the upstream is told: names and values by turns. */
type UpstreamHeaders = readonly string[];

/**
 * Whether a gateway may let an end client's request through, in whichever protocol it asks:
 * authenticate the end client → scopes → internal token → headers for the upstream.
 */
@Injectable()
export class GatewayAuthorizer {
  readonly #allowed: HotSeries;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly bindings: BindingVerifier,
    private readonly internalTokens: InternalTokens,
    private readonly metrics: Metrics,
    private readonly feed: ChangeFollower,
  ) {
    this.#allowed = metrics.forwardAuths.series('allowed');
  }

  /**
   * What the upstream gets to know, as a list of names and values by turns. Synchronous where memory
   * suffices.
   * @throws {OAuthFailure} 401 or 403: it may not pass; 500: the gateway asks wrongly
   * @throws {DependencyUnavailable} it cannot be told now
   */
  authorize(question: GatewayQuestion): UpstreamHeaders | Promise<UpstreamHeaders> {
    // First of all: what is signed says that it is at least as new.
    const { appliedPosition } = this.feed;
    const { requirement, headers, endClient, certificateThumbprint } = question;
    const upstream = this.#upstream(requirement);
    const presented = this.#presented(headers, upstream);
    if (presented === undefined) {
      if (!requirement.optional) throw this.#unauthenticated(upstream, CHALLENGE);
      this.metrics.forwardAuths.increment('anonymous');
      return NOBODYS_HEADERS;
    }
    const nowMs = Date.now();
    const context = {
      nowMs,
      audience: upstream.audience,
      request: endClient,
      purpose: 'use',
      binding: undefined,
      certificateThumbprint,
    } as const;
    const { mechanism, credential } = presented;
    const outcome =
      mechanism === 'dpop'
        ? this.#authenticateBound(credential, question, upstream, context)
        : this.authenticator.authenticate(credential, context);
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#decide(settled, question, upstream, nowMs, appliedPosition))
      : this.#decide(outcome, question, upstream, nowMs, appliedPosition);
  }

  /**
   * A token that is bound to a key: the end client proves to hold it, for the request that it sent.
   * @see RFC 9449 §7.1
   */
  async #authenticateBound(
    accessToken: string,
    { headers, endClient }: GatewayQuestion,
    upstream: Upstream,
    context: DecisionContext,
  ): Promise<Outcome> {
    const { method, url } = endClient;
    // Who does not tell what was asked for cannot have a proof checked that speaks of it.
    if (method === undefined || url === undefined) {
      throw this.#unauthenticated(upstream, INVALID_TOKEN_CHALLENGE);
    }
    const proven = { scheme: 'DPoP', proof: headers.dpop, method, url, accessToken } as const;
    const binding = await this.bindings.ofResourceRequest(proven, context.nowMs);
    if (!binding.ok) throw this.#proofRefused(upstream, binding);
    const outcome = await this.authenticator.authenticate(accessToken, { ...context, binding });
    if (!outcome.ok && outcome.code === 'replayed') {
      throw this.#proofRefused(upstream, this.bindings.refuseReplay(context.nowMs));
    }
    return outcome;
  }

  #proofRefused(upstream: Upstream, refusal: BindingRefusal): OAuthFailure {
    this.metrics.forwardAuths.increment('unauthenticated');
    return pointing(proofRefused(refusal, 'resource'), upstream);
  }

  #upstream({ audience }: Requirement): Upstream {
    const upstream = this.internalTokens.upstream(audience);
    if (upstream === undefined) throw wrongRequirement('no resource server has this audience');
    return upstream;
  }

  /** @returns undefined when there is none at all */
  #presented(headers: CredentialHeaders, upstream: Upstream): Presented | undefined {
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
        throw this.#unauthenticated(upstream, INVALID_REQUEST_CHALLENGE, presented.detail);
      case 'malformed':
      case 'basic':
      case 'client_secret_post':
      case 'client_assertion':
        throw this.#unauthenticated(upstream, INVALID_TOKEN_CHALLENGE);
    }
  }

  #decide(
    outcome: Outcome,
    { requirement, certificateThumbprint }: GatewayQuestion,
    upstream: Upstream,
    nowMs: number,
    feedPosition: number,
  ): UpstreamHeaders | Promise<UpstreamHeaders> {
    if (!outcome.ok) throw this.#unauthenticated(upstream, INVALID_TOKEN_CHALLENGE);
    const scopes = this.internalTokens.scopesAt(upstream, outcome);
    if (!requirement.scopes.every((scope) => scopes.includes(scope))) {
      throw this.#insufficientScope(upstream, requirement.scopes);
    }
    const token = this.internalTokens.for(
      outcome,
      upstream,
      nowMs,
      feedPosition,
      certificateThumbprint,
    );
    return token instanceof Promise
      ? token.then((settled) => this.#allow(settled, outcome, upstream))
      : this.#allow(token, outcome, upstream);
  }

  #allow(
    token: InternalTokenOutcome,
    { principal }: VerifiedCredential,
    upstream: Upstream,
  ): UpstreamHeaders {
    if (!token.ok) {
      // A client that has got a new token is better off.
      if (token.reason !== 'too_large')
        throw this.#unauthenticated(upstream, INVALID_TOKEN_CHALLENGE);
      throw new OAuthFailure('server_error', 'no token is large enough for this principal');
    }
    token.upstreamHeaders ??= principalHeaders(principal, token.scopes, token.jwt);
    this.#allowed.increment();
    return token.upstreamHeaders;
  }

  /** @see RFC 6750 §3.1: no error code where no credential was presented */
  #unauthenticated(
    upstream: Upstream,
    challenge: string,
    detail = 'a valid credential is needed',
  ): OAuthFailure {
    this.metrics.forwardAuths.increment('unauthenticated');
    const code = challenge === INVALID_REQUEST_CHALLENGE ? 'invalid_request' : 'invalid_token';
    const failure = new OAuthFailure(code, detail, {
      status: 401,
      challenge,
      withoutCode: challenge === CHALLENGE,
    });
    return pointing(failure, upstream);
  }

  /** @see RFC 6750 §3.1 */
  #insufficientScope(upstream: Upstream, scopes: readonly string[]): OAuthFailure {
    this.metrics.forwardAuths.increment('insufficient_scope');
    const scope = scopes.join(' ');
    const failure = new OAuthFailure('insufficient_scope', `needed: ${scope}`, {
      challenge: insufficientScopeChallenge(scope),
    });
    return pointing(failure, upstream);
  }
}

/** With where the upstream's metadata is, if it has any. @see RFC 9728 §5.1 */
function pointing(failure: OAuthFailure, { policy }: Upstream): OAuthFailure {
  if (policy?.protectedResourceMetadata === undefined) return failure;
  return failure.pointingTo(metadataUrl(policy.audience));
}

import type { ServerResponse } from 'node:http';
import {
  REFRESH_TOKEN,
  type RequestedTokenType,
  TOKEN_EXCHANGE,
  TOKEN_TYPE_ACCESS_TOKEN,
  type TokenRequest,
  type TokenResponse,
  tokenRequest,
  tokenResponse,
} from '@countersign/contracts';
import {
  AccessTokenIssuer,
  type BindingRefusal,
  BindingVerifier,
  type IssuedAccessToken,
  type RequestBinding,
} from '@countersign/core';
import { ChangeFollower } from '@countersign/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { answerAsciiJson, toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import { boundRequestOf } from '../../data-plane/bound-request.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { proofRefused } from '../../data-plane/proof-refused.js';
import { Metrics } from '../../observability/metrics.js';
import { TokenBinding } from './token-binding.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import { readTokenRequest } from './read-token-request.js';
import { RefreshTokenGrant } from './refresh-token.grant.js';
import type { RequestStart } from './request-start.js';
import { RefreshTokens } from './refresh-tokens.js';
import { requestedAudience } from './requested-audience.js';
import { TokenExchangeGrant } from './token-exchange.grant.js';

/**
 * `POST /token`: read the request → verify the DPoP proof, if there is one → find whose credential is
 * exchanged, by the grant → issue. The proof comes first: a client that is sent for a nonce may then
 * come back with the same assertion.
 * @see RFC 6749 §3.2, RFC 9449 §5
 */
@Injectable()
export class TokenEndpoint implements DataPlaneRoute {
  readonly path = '/token';
  readonly access = { kind: 'client' } as const;
  readonly operation = {
    id: 'issueToken',
    summary: 'Exchange a key, or a JWT, for a JWT that can do no more',
    specification:
      'RFC 6749 §4.4, client credentials, and §6, refresh; RFC 8693, token exchange; RFC 8707; RFC 9449, DPoP',
    request: tokenRequest,
    response: tokenResponse,
  };

  constructor(
    private readonly clientCredentials: ClientCredentialsGrant,
    private readonly tokenExchange: TokenExchangeGrant,
    private readonly refreshTokenGrant: RefreshTokenGrant,
    private readonly refreshTokens: RefreshTokens,
    private readonly bindings: BindingVerifier,
    private readonly tokenBinding: TokenBinding,
    private readonly tokens: AccessTokenIssuer,
    private readonly metrics: Metrics,
    private readonly feed: ChangeFollower,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {}

  async handle(request: FormRequest, response: ServerResponse): Promise<void> {
    // First of all: what is issued says that it is at least as new.
    const { appliedPosition: feedPosition } = this.feed;
    const nowMs = Date.now();
    const asked = readTokenRequest(request.body);
    const bound = this.#binding(request, nowMs);
    const binding = bound instanceof Promise ? await bound : bound;
    const answer =
      asked.grant_type === REFRESH_TOKEN
        ? await this.#refresh(request, asked, binding, { nowMs, feedPosition })
        : await this.#grant(request, asked, binding, { nowMs, feedPosition });
    // RFC 6749 §5.1 demands `Pragma` besides `Cache-Control`.
    const headers = ['pragma', 'no-cache'];
    if (binding.nextNonce !== undefined) headers.push('dpop-nonce', binding.nextNonce);
    answerAsciiJson(response, toAsciiJson(answer), headers);
  }

  #binding(request: FormRequest, nowMs: number): RequestBinding | Promise<RequestBinding> {
    const bound = boundRequestOf(request, this.config.issuer);
    const binding = this.bindings.ofTokenRequest(bound, nowMs);
    return binding instanceof Promise ? binding.then(requireProven) : binding;
  }

  async #grant(
    request: FormRequest,
    asked: TokenRequest,
    binding: RequestBinding,
    start: RequestStart,
  ): Promise<TokenResponse> {
    const { nowMs } = start;
    const isExchange = asked.grant_type === TOKEN_EXCHANGE;
    const grant = isExchange ? this.tokenExchange : this.clientCredentials;
    const { subject, actor, client } = await grant.subject(request, asked, nowMs, binding);
    if (!binding.spend()) throw proofRefused(this.bindings.refuseReplay(nowMs), 'token endpoint');
    // RFC 6749 §4.4.3: none for client credentials. Nor with an actor: it would act on when neither that
    // one nor the subject present anything any more.
    const prepared =
      isExchange && actor === undefined ? this.refreshTokens.prepare(subject) : undefined;
    const issued = await this.tokens.issue({
      subject,
      actor,
      refreshFamilyId: prepared && (() => prepared().familyId),
      scope: asked.scope,
      audience: requestedAudience(asked),
      confirmation: this.tokenBinding.confirmation(request, binding, { subject, actor, client }),
      ...start,
    });
    if (!issued.ok) throw new OAuthFailure(issued.error, issued.detail);
    this.metrics.tokensIssued.increment(
      isExchange ? 'token_exchange' : 'client_credentials',
      issued.alg,
    );
    if (!isExchange) return responseOf(issued, binding);
    const response = { ...responseOf(issued, binding), issued_token_type: issuedTokenType(asked) };
    const holder = { client, binding };
    const refreshToken = await this.refreshTokens.begin(prepared, subject, holder, issued, start);
    return { ...response, ...(refreshToken !== undefined && { refresh_token: refreshToken }) };
  }

  async #refresh(
    request: FormRequest,
    asked: TokenRequest,
    binding: RequestBinding,
    start: RequestStart,
  ): Promise<TokenResponse> {
    const { issued, refreshToken } = await this.refreshTokenGrant.refresh(
      request,
      asked,
      binding,
      start,
    );
    this.metrics.tokensIssued.increment('refresh_token', issued.alg);
    return { ...responseOf(issued, binding), refresh_token: refreshToken };
  }
}

function requireProven(binding: RequestBinding | BindingRefusal): RequestBinding {
  if (!binding.ok) throw proofRefused(binding, 'token endpoint');
  return binding;
}

function responseOf(
  { accessToken, expiresInSeconds, scopes }: IssuedAccessToken,
  { jkt }: RequestBinding,
): TokenResponse {
  return {
    access_token: accessToken,
    // RFC 9449 §5
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: expiresInSeconds,
    scope: scopes.join(' '),
  };
}

function issuedTokenType(asked: TokenRequest): RequestedTokenType {
  return asked.requested_token_type ?? TOKEN_TYPE_ACCESS_TOKEN;
}

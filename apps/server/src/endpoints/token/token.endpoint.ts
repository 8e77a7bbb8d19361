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
import { AccessTokenIssuer, type IssuedAccessToken } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { answerAsciiJson, toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { Metrics } from '../../observability/metrics.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import { readTokenRequest } from './read-token-request.js';
import { RefreshTokenGrant } from './refresh-token.grant.js';
import { RefreshTokens } from './refresh-tokens.js';
import { requestedAudience } from './requested-audience.js';
import { TokenExchangeGrant } from './token-exchange.grant.js';

/**
 * `POST /token`: read the request → find whose credential is exchanged, by the grant → issue.
 * @see RFC 6749 §3.2
 */
@Injectable()
export class TokenEndpoint implements DataPlaneRoute {
  readonly path = '/token';
  readonly access = { kind: 'client' } as const;
  readonly operation = {
    id: 'issueToken',
    summary: 'Exchange a key, or a JWT, for a JWT that can do no more',
    specification:
      'RFC 6749 §4.4, client credentials, and §6, refresh; RFC 8693, token exchange; RFC 8707',
    request: tokenRequest,
    response: tokenResponse,
  };

  constructor(
    private readonly clientCredentials: ClientCredentialsGrant,
    private readonly tokenExchange: TokenExchangeGrant,
    private readonly refreshTokenGrant: RefreshTokenGrant,
    private readonly refreshTokens: RefreshTokens,
    private readonly tokens: AccessTokenIssuer,
    private readonly metrics: Metrics,
  ) {}

  async handle(request: FormRequest, reply: FastifyReply): Promise<void> {
    const nowMs = Date.now();
    const asked = readTokenRequest(request.body);
    const answer =
      asked.grant_type === REFRESH_TOKEN
        ? await this.#refresh(request, asked, nowMs)
        : await this.#grant(request, asked, nowMs);
    // RFC 6749 §5.1 demands `Pragma` besides `Cache-Control`.
    answerAsciiJson(reply, toAsciiJson(answer), ['pragma', 'no-cache']);
  }

  async #grant(request: FormRequest, asked: TokenRequest, nowMs: number): Promise<TokenResponse> {
    const isExchange = asked.grant_type === TOKEN_EXCHANGE;
    const grant = isExchange ? this.tokenExchange : this.clientCredentials;
    const { subject, client } = await grant.subject(request, asked, nowMs);
    const issued = await this.tokens.issue({
      subject,
      scope: asked.scope,
      audience: requestedAudience(asked),
      nowMs,
    });
    if (!issued.ok) throw new OAuthFailure(issued.error, issued.detail);
    this.metrics.tokensIssued.increment(
      isExchange ? 'token_exchange' : 'client_credentials',
      issued.alg,
    );
    if (!isExchange) return responseOf(issued);
    // RFC 6749 §4.4.3: none for client credentials.
    const refreshToken = await this.refreshTokens.begin(subject, client, issued, nowMs);
    return {
      ...responseOf(issued),
      issued_token_type: issuedTokenType(asked),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    };
  }

  async #refresh(request: FormRequest, asked: TokenRequest, nowMs: number): Promise<TokenResponse> {
    const { issued, refreshToken } = await this.refreshTokenGrant.refresh(request, asked, nowMs);
    this.metrics.tokensIssued.increment('refresh_token', issued.alg);
    return { ...responseOf(issued), refresh_token: refreshToken };
  }
}

function responseOf({ accessToken, expiresInSeconds, scopes }: IssuedAccessToken): TokenResponse {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    scope: scopes.join(' '),
  };
}

function issuedTokenType(asked: TokenRequest): RequestedTokenType {
  return asked.requested_token_type ?? TOKEN_TYPE_ACCESS_TOKEN;
}

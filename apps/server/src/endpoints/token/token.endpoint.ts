import {
  CLIENT_CREDENTIALS,
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
  BindingVerifier,
  type RequestBinding,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { answerAsciiJson, toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import { boundRequestOf } from '../../data-plane/bound-request.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { proofRefused } from '../../data-plane/proof-refused.js';
import { Metrics } from '../../observability/metrics.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import { readTokenRequest } from './read-token-request.js';
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
      'RFC 6749 §4.4, client credentials; RFC 8693, token exchange; RFC 8707; RFC 9449, DPoP',
    request: tokenRequest,
    response: tokenResponse,
  };

  constructor(
    private readonly clientCredentials: ClientCredentialsGrant,
    private readonly tokenExchange: TokenExchangeGrant,
    private readonly bindings: BindingVerifier,
    private readonly tokens: AccessTokenIssuer,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {}

  async handle(request: FormRequest, reply: FastifyReply): Promise<void> {
    const nowMs = Date.now();
    const asked = readTokenRequest(request.body);
    const grant =
      asked.grant_type === CLIENT_CREDENTIALS ? this.clientCredentials : this.tokenExchange;
    const binding = await this.#binding(request, nowMs);
    const subject = await grant.subject(request, asked, nowMs, binding);
    if (!binding.spend()) throw proofRefused(this.bindings.refuseReplay(nowMs), 'token endpoint');
    const answer = await this.#issue(subject, asked, binding, nowMs);
    // RFC 6749 §5.1 demands `Pragma` besides `Cache-Control`.
    const headers = ['pragma', 'no-cache'];
    if (binding.nextNonce !== undefined) headers.push('dpop-nonce', binding.nextNonce);
    answerAsciiJson(reply, toAsciiJson(answer), headers);
  }

  async #binding(request: FormRequest, nowMs: number): Promise<RequestBinding> {
    const bound = boundRequestOf(request, this.config.issuer);
    const binding = await this.bindings.ofTokenRequest(bound, nowMs);
    if (!binding.ok) throw proofRefused(binding, 'token endpoint');
    return binding;
  }

  async #issue(
    subject: VerifiedCredential,
    asked: TokenRequest,
    { jkt }: RequestBinding,
    nowMs: number,
  ): Promise<TokenResponse> {
    const issued = await this.tokens.issue({
      subject,
      scope: asked.scope,
      audience: requestedAudience(asked),
      confirmation: jkt === undefined ? undefined : { jkt },
      nowMs,
    });
    if (!issued.ok) throw new OAuthFailure(issued.error, issued.detail);
    const grant = asked.grant_type === TOKEN_EXCHANGE ? 'token_exchange' : 'client_credentials';
    this.metrics.tokensIssued.increment(grant, issued.alg);
    return {
      access_token: issued.accessToken,
      token_type: jkt === undefined ? 'Bearer' : 'DPoP',
      expires_in: issued.expiresInSeconds,
      scope: issued.scope,
      ...(asked.grant_type === TOKEN_EXCHANGE && {
        issued_token_type: issuedTokenType(asked),
      }),
    };
  }
}

/** `audience` and `resource` both name an API; together they are one set. @see RFC 8693 §2.1 */
function requestedAudience({ audience = [], resource = [] }: TokenRequest): readonly string[] {
  for (const uri of resource) {
    if (!URL.canParse(uri) || uri.includes('#')) {
      // RFC 8707 §2
      throw new OAuthFailure('invalid_target', 'resource must be an absolute URI without fragment');
    }
  }
  return [...new Set([...audience, ...resource])];
}

function issuedTokenType(asked: TokenRequest): RequestedTokenType {
  return asked.requested_token_type ?? TOKEN_TYPE_ACCESS_TOKEN;
}

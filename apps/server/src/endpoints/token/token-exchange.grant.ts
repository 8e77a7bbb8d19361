import {
  type SubjectTokenType,
  TOKEN_TYPE_API_KEY,
  TOKEN_TYPE_ID_TOKEN,
  type TokenRequest,
} from '@countersign/contracts';
import {
  Authenticator,
  type DecisionContext,
  type RequestBinding,
  type VerifiedCredential,
} from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { CallerAuthentication } from '../../data-plane/authenticate-caller.js';
import type { FormRequest } from '../../data-plane/data-plane-route.js';
import { HttpRequestContext } from '../../data-plane/http-request-context.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { ClientCertificates } from '../../client-certificates/client-certificates.js';
import { authenticatedClient } from './authenticated-client.js';
import type { Grant, Granted } from './grant.js';

/**
 * A key, one of our own JWTs or a trusted issuer's, exchanged for a JWT that can do no more. Whoever holds the subject
 * token could use it as it is, so that no client authentication is asked for; one that is sent must
 * be right. Of a token that is bound to a key, only who proves to hold that key is the holder.
 * Who presents an actor token besides acts for the subject from then on, as far as the subject's
 * principal permits it. There is no way to a token for a principal without a credential of its own.
 * @see RFC 8693 §1.1, §2.1
 */
@Injectable()
export class TokenExchangeGrant implements Grant {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly authenticator: Authenticator,
    private readonly certificates: ClientCertificates,
  ) {}

  async subject(
    request: FormRequest,
    asked: TokenRequest,
    nowMs: number,
    binding: RequestBinding,
  ): Promise<Granted> {
    const client = await authenticatedClient(this.callers, request, nowMs);
    const { subject_token, subject_token_type } = asked;
    if (subject_token === undefined) throw invalidRequest('subject_token is missing');
    if (subject_token_type === undefined) throw invalidRequest('subject_token_type is missing');
    const { actor_token, actor_token_type } = asked;
    if (actor_token === undefined && actor_token_type !== undefined) {
      throw invalidRequest('actor_token is missing');
    }
    if (actor_token !== undefined && actor_token_type === undefined) {
      throw invalidRequest('actor_token_type is missing');
    }
    const context: DecisionContext = {
      nowMs,
      audience: undefined,
      request: new HttpRequestContext(request),
      purpose: 'exchange',
      binding,
      certificateThumbprint: this.certificates.ofSender(request)?.thumbprint,
    };
    const subject = await this.#authenticate(subject_token, subject_token_type, context);
    // RFC 8693 §2.2.2: a token that is invalid for any reason is invalid_request.
    if (subject === undefined) throw invalidRequest('subject_token is not valid');
    if (actor_token === undefined || actor_token_type === undefined) return { subject, client };
    const actor = await this.#authenticate(actor_token, actor_token_type, context);
    if (actor === undefined) throw invalidRequest('actor_token is not valid');
    return { subject, actor, client };
  }

  async #authenticate(
    token: string,
    type: SubjectTokenType,
    context: DecisionContext,
  ): Promise<VerifiedCredential | undefined> {
    const outcome = await this.authenticator.authenticate(token, context);
    return outcome.ok && kindsOf(type).includes(outcome.kind) ? outcome : undefined;
  }
}

/** @see RFC 8693 §3 */
function kindsOf(type: SubjectTokenType): readonly VerifiedCredential['kind'][] {
  if (type === TOKEN_TYPE_API_KEY) return ['api_key'];
  // We issue no ID tokens.
  if (type === TOKEN_TYPE_ID_TOKEN) return ['federated_token'];
  return ['access_token', 'federated_token'];
}

function invalidRequest(description: string): OAuthFailure {
  return new OAuthFailure('invalid_request', description);
}

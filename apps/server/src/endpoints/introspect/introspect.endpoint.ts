import type { ServerResponse } from 'node:http';
import { introspectionRequest, introspectionResponse } from '@countersign/contracts';
import { IntrospectionSigner, rootOf, type VerifiedCredential } from '@countersign/core';
import type { RequestContext } from '@countersign/verify';
import { Injectable } from '@nestjs/common';
import { answerAscii } from '../../data-plane/answer-ascii.js';
import { answerAsciiJson } from '../../data-plane/answer-ascii-json.js';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import type { FormParameters } from '../../data-plane/form-parameters.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { requireScope } from '../../data-plane/require-scope.js';
import { INTROSPECT_ANY_SCOPE, INTROSPECT_SCOPE, Introspector } from './introspector.js';
import { prefersSignedAnswer, SIGNED_ANSWER } from './prefers-signed-answer.js';

// RFC 9110 §12.5.5: what was sent depends on what was asked for.
const VARY = ['vary', 'accept'];

/**
 * `POST /introspect`: authenticate the caller → read the request → authenticate the token → answer.
 * Each step is synchronous when memory suffices; that is what keeps the endpoint fast.
 * @see RFC 7662 §2
 */
@Injectable()
export class IntrospectEndpoint implements DataPlaneRoute {
  readonly path = '/introspect';
  readonly access = { kind: 'scope', scope: INTROSPECT_SCOPE } as const;
  readonly operation = {
    id: 'introspect',
    summary: 'Who is this, and what may they do?',
    specification: 'RFC 7662, token introspection; RFC 9701, signed answers, by `Accept`',
    request: introspectionRequest,
    response: introspectionResponse,
    alternative: { mediaType: SIGNED_ANSWER, description: 'the answer signed (RFC 9701 §5)' },
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly introspector: Introspector,
    private readonly signer: IntrospectionSigner,
  ) {}

  handle(request: FormRequest, response: ServerResponse): void | Promise<void> {
    const nowMs = Date.now();
    const caller = this.callers.authenticate(request, nowMs, 'use');
    if (caller instanceof Promise) {
      return caller.then((settled) => this.#introspect(settled, request, response, nowMs));
    }
    return this.#introspect(requireCaller(caller), request, response, nowMs);
  }

  #introspect(
    caller: VerifiedCredential,
    request: FormRequest,
    response: ServerResponse,
    nowMs: number,
  ): void | Promise<void> {
    requireScope(caller, INTROSPECT_SCOPE, INTROSPECT_ANY_SCOPE);
    const token = requiredToken(request.body);
    const context = endClientContext(request.body);
    const thumbprint = request.body.one('certificate_thumbprint');
    const answer = this.introspector.introspect(caller, token, context, nowMs, thumbprint);
    if (prefersSignedAnswer(request.headers.accept)) {
      return this.#answerSigned(caller, answer, response, nowMs);
    }
    if (answer instanceof Promise) {
      return answer.then((settled) => answerAsciiJson(response, settled, VARY));
    }
    answerAsciiJson(response, answer, VARY);
  }

  /** @see RFC 9701 §5 */
  async #answerSigned(
    caller: VerifiedCredential,
    answer: string | Promise<string>,
    response: ServerResponse,
    nowMs: number,
  ): Promise<void> {
    const jwt = await this.signer.sign(rootOf(caller).clientId, await answer, nowMs);
    answerAscii(response, jwt, SIGNED_ANSWER, VARY);
  }
}

/** @see RFC 7662 §2.1 */
function requiredToken(form: FormParameters): string {
  form.one('token_type_hint');
  const token = form.one('token');
  if (token === undefined) throw new OAuthFailure('invalid_request', 'token is missing or empty');
  return token;
}

/** Where and for what the token is being used, as far as the caller says. */
function endClientContext(form: FormParameters): RequestContext {
  return { ip: form.one('ip'), method: form.one('method'), path: form.one('path') };
}

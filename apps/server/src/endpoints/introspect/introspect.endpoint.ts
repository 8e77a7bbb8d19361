import {
  introspectionRequest,
  introspectionResponse,
  satisfiesScope,
} from '@countersign/contracts';
import { Authenticator, type Outcome, type VerifiedCredential } from '@countersign/core';
import type { RequestContext } from '@countersign/verify';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { answerAsciiJson } from '../../data-plane/answer-ascii-json.js';
import {
  BEARER_CHALLENGE,
  CallerAuthentication,
  requireCaller,
} from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import type { FormParameters } from '../../data-plane/form-parameters.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import type { HotSeries } from '../../observability/hot-counter.js';
import { Metrics } from '../../observability/metrics.js';
import { canSee } from './can-see.js';
import { INACTIVE_BODY, renderIntrospection } from './render-introspection.js';

const SCOPE = 'countersign:introspect';
const SCOPE_ANY = 'countersign:introspect:any';

/**
 * `POST /introspect`: authenticate the caller → read the request → authenticate the token → answer.
 * Each step is synchronous when memory suffices; that is what keeps the endpoint fast.
 * @see RFC 7662 §2
 */
@Injectable()
export class IntrospectEndpoint implements DataPlaneRoute {
  readonly path = '/introspect';
  readonly access = { kind: 'scope', scope: SCOPE } as const;
  readonly operation = {
    id: 'introspect',
    summary: 'Who is this, and what may they do?',
    specification: 'RFC 7662, token introspection',
    request: introspectionRequest,
    response: introspectionResponse,
  };
  readonly #active: HotSeries;
  readonly #inactive: HotSeries;

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
    { introspections }: Metrics,
  ) {
    this.#active = introspections.series('true');
    this.#inactive = introspections.series('false');
  }

  handle(request: FormRequest, reply: FastifyReply): void | Promise<void> {
    const nowMs = Date.now();
    const caller = this.callers.authenticate(request, nowMs, 'use');
    if (caller instanceof Promise) {
      return caller.then((settled) => this.#introspect(settled, request, reply, nowMs));
    }
    return this.#introspect(requireCaller(caller), request, reply, nowMs);
  }

  #introspect(
    caller: VerifiedCredential,
    request: FormRequest,
    reply: FastifyReply,
    nowMs: number,
  ): void | Promise<void> {
    requireIntrospectScope(caller);
    const outcome = this.authenticator.authenticate(requiredToken(request.body), {
      nowMs,
      audience: undefined,
      request: endClientContext(request.body),
      purpose: 'use',
      // RFC 9449 §6.2: the resource server is told the key, and asks for the proof.
      binding: 'unchecked',
    });
    if (outcome instanceof Promise) {
      return outcome.then((settled) => this.#answer(caller, settled, reply));
    }
    this.#answer(caller, outcome, reply);
  }

  #answer(caller: VerifiedCredential, outcome: Outcome, reply: FastifyReply): void {
    const active = outcome.ok && canSee(caller, outcome, this.config.issuer);
    (active ? this.#active : this.#inactive).increment();
    answerAsciiJson(reply, active ? renderIntrospection(outcome) : INACTIVE_BODY);
  }
}

/** @see RFC 6750 §3.1 */
function requireIntrospectScope({ principal: { scopes } }: VerifiedCredential): void {
  if (satisfiesScope(scopes, SCOPE) || scopes.includes(SCOPE_ANY)) return;
  throw new OAuthFailure('insufficient_scope', `the scope ${SCOPE} is needed`, {
    challenge: `${BEARER_CHALLENGE}, error="insufficient_scope", scope="${SCOPE}"`,
  });
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

import type { ServerResponse } from 'node:http';
import { type VerifyRequest, verifyRequest, verifyResponse } from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { answerAsciiJson } from '../../data-plane/answer-ascii-json.js';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import type { JsonDataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { requireScope } from '../../data-plane/require-scope.js';
import { INTROSPECT_ANY_SCOPE, INTROSPECT_SCOPE } from '../introspect/introspector.js';
import { type Decision, type DecisionQuestion, Decisions } from './decisions.js';
import { Explainer } from './explainer.js';
import { readVerifyRequest } from './read-verify-request.js';
import { renderDecision } from './render-decision.js';

const EXPLAIN_SCOPE = 'countersign:verify:explain';

/**
 * `POST /v1/verify`: authenticate the caller → read the question → decide → answer. Who may
 * introspect may ask, since a decision tells no more than an introspection.
 */
@Injectable()
export class VerifyEndpoint implements JsonDataPlaneRoute {
  readonly path = '/v1/verify';
  readonly access = { kind: 'scope', scope: INTROSPECT_SCOPE } as const;
  readonly errors = 'problem';
  readonly operation = {
    id: 'verify',
    summary: 'May this credential be used for this, here and now?',
    specification: 'Every check that fails is in the answer; `explain` adds what each step found.',
    request: verifyRequest,
    response: verifyResponse,
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly decisions: Decisions,
    private readonly explainer: Explainer,
  ) {}

  handle(request: DataPlaneRequest, response: ServerResponse): void | Promise<void> {
    const nowMs = Date.now();
    const caller = this.callers.authenticate(request, nowMs, 'use');
    if (caller instanceof Promise) {
      return caller.then((settled) => this.#verify(settled, request, response, nowMs));
    }
    return this.#verify(requireCaller(caller), request, response, nowMs);
  }

  #verify(
    caller: VerifiedCredential,
    { body }: DataPlaneRequest,
    response: ServerResponse,
    nowMs: number,
  ): void | Promise<void> {
    requireScope(caller, INTROSPECT_SCOPE, INTROSPECT_ANY_SCOPE);
    const asked = readVerifyRequest(body);
    if (asked.explain) requireScope(caller, EXPLAIN_SCOPE);
    const question = questionOf(asked);
    const decision = this.decisions.decide(caller, question, nowMs);
    if (asked.explain) return this.#answerExplained(caller, question, decision, response);
    if (decision instanceof Promise) {
      return decision.then((settled) => answerAsciiJson(response, renderDecision(settled)));
    }
    answerAsciiJson(response, renderDecision(decision));
  }

  async #answerExplained(
    caller: VerifiedCredential,
    question: DecisionQuestion,
    decided: Decision | Promise<Decision>,
    response: ServerResponse,
  ): Promise<void> {
    const decision = await decided;
    const explanation = await this.explainer.explain(caller, question, decision.examination);
    answerAsciiJson(response, renderDecision(decision, explanation));
  }
}

function questionOf(asked: VerifyRequest): DecisionQuestion {
  return {
    credential: asked.credential,
    audience: asked.audience,
    requiredScopes: asked.required_scopes,
    request: asked.context,
    certificateThumbprint: asked.context?.certificate_thumbprint,
    cost: asked.cost,
    dryRun: asked.dry_run,
  };
}

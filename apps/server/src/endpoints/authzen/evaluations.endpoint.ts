import type { ServerResponse } from 'node:http';
import {
  type EvaluationRequest,
  type EvaluationResponse,
  type EvaluationsRequest,
  evaluationRequest,
  evaluationsRequest,
  evaluationsResponse,
} from '@countersign/contracts';
import { BindingVerifier, type VerifiedCredential } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import type { JsonDataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { parseJsonBody } from '../../data-plane/parse-json-body.js';
import { requireScope } from '../../data-plane/require-scope.js';
import { INTROSPECT_ANY_SCOPE, INTROSPECT_SCOPE } from '../introspect/introspector.js';
import { SharedProofs } from '../verify/shared-proofs.js';
import { answerEvaluation } from './answer-evaluation.js';
import { EVALUATIONS_PATH } from './authzen-configuration.js';
import { Evaluator } from './evaluator.js';
import { evaluationsOf } from './evaluations-of.js';

/**
 * `POST /access/v1/evaluations`: up to 100 access evaluations; without any, one, as at
 * `/access/v1/evaluation`. When one of them cannot be told, the answer is 503.
 * @see AuthZEN §7, §10.1
 */
@Injectable()
export class EvaluationsEndpoint implements JsonDataPlaneRoute {
  readonly path = EVALUATIONS_PATH;
  readonly access = { kind: 'scope', scope: INTROSPECT_SCOPE } as const;
  readonly errors = 'text';
  readonly operation = {
    id: 'evaluateAll',
    summary: 'AuthZEN: up to 100 access evaluations',
    specification: 'OpenID AuthZEN Authorization API 1.0 §7, Access Evaluations API',
    request: evaluationsRequest,
    response: evaluationsResponse,
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly evaluator: Evaluator,
    private readonly bindings: BindingVerifier,
  ) {}

  async handle(request: DataPlaneRequest, response: ServerResponse): Promise<void> {
    const nowMs = Date.now();
    const caller = requireCaller(await this.callers.authenticate(request, nowMs, 'use'));
    requireScope(caller, INTROSPECT_SCOPE, INTROSPECT_ANY_SCOPE);
    const asked = parseJsonBody(evaluationsRequest, request.body);
    if (asked.evaluations === undefined || asked.evaluations.length === 0) {
      const only = parseJsonBody(evaluationRequest, request.body);
      answerEvaluation(request, response, await this.evaluator.evaluate(caller, only, nowMs));
      return;
    }
    const evaluations = await this.#evaluateAll(caller, asked, nowMs);
    answerEvaluation(request, response, { evaluations });
  }

  /** @see AuthZEN §7.1.2.1 */
  async #evaluateAll(
    caller: VerifiedCredential,
    asked: EvaluationsRequest,
    nowMs: number,
  ): Promise<EvaluationResponse[]> {
    const evaluations = evaluationsOf(asked);
    const semantic = asked.options?.evaluations_semantic ?? 'execute_all';
    // Asynchronous, so that one which throws leaves no other without somebody to wait for it.
    const proofs = new SharedProofs(this.bindings);
    const evaluate = async (one: EvaluationRequest) =>
      this.evaluator.evaluate(caller, one, nowMs, proofs);
    if (semantic === 'execute_all') return Promise.all(evaluations.map(evaluate));
    const lastDecision = semantic === 'permit_on_first_permit';
    const answers: EvaluationResponse[] = [];
    for (const one of evaluations) {
      const answer = await evaluate(one);
      answers.push(answer);
      if (answer.decision === lastDecision) break;
    }
    return answers;
  }
}

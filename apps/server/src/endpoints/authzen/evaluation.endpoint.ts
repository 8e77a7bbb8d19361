import type { ServerResponse } from 'node:http';
import { evaluationRequest, evaluationResponse } from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import type { JsonDataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { parseJsonBody } from '../../data-plane/parse-json-body.js';
import { requireScope } from '../../data-plane/require-scope.js';
import { INTROSPECT_ANY_SCOPE, INTROSPECT_SCOPE } from '../introspect/introspector.js';
import { answerEvaluation } from './answer-evaluation.js';
import { EVALUATION_PATH } from './authzen-configuration.js';
import { Evaluator } from './evaluator.js';

/**
 * `POST /access/v1/evaluation`: one access evaluation.
 * @see AuthZEN §6, §10.1
 */
@Injectable()
export class EvaluationEndpoint implements JsonDataPlaneRoute {
  readonly path = EVALUATION_PATH;
  readonly access = { kind: 'scope', scope: INTROSPECT_SCOPE } as const;
  readonly errors = 'text';
  readonly operation = {
    id: 'evaluate',
    summary: 'AuthZEN: may this subject do this with this resource?',
    specification: 'OpenID AuthZEN Authorization API 1.0 §6, Access Evaluation API',
    request: evaluationRequest,
    response: evaluationResponse,
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly evaluator: Evaluator,
  ) {}

  handle(request: DataPlaneRequest, response: ServerResponse): void | Promise<void> {
    const nowMs = Date.now();
    const caller = this.callers.authenticate(request, nowMs, 'use');
    if (caller instanceof Promise) {
      return caller.then((settled) => this.#evaluate(settled, request, response, nowMs));
    }
    return this.#evaluate(requireCaller(caller), request, response, nowMs);
  }

  #evaluate(
    caller: VerifiedCredential,
    request: DataPlaneRequest,
    response: ServerResponse,
    nowMs: number,
  ): void | Promise<void> {
    requireScope(caller, INTROSPECT_SCOPE, INTROSPECT_ANY_SCOPE);
    const asked = parseJsonBody(evaluationRequest, request.body);
    const answer = this.evaluator.evaluate(caller, asked, nowMs);
    if (answer instanceof Promise) {
      return answer.then((settled) => answerEvaluation(request, response, settled));
    }
    answerEvaluation(request, response, answer);
  }
}

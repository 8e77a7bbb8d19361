import type { ServerResponse } from 'node:http';
import { introspectionBatchRequest, introspectionBatchResponse } from '@countersign/contracts';
import { Injectable } from '@nestjs/common';
import { answerAsciiJson } from '../../data-plane/answer-ascii-json.js';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import type { JsonDataPlaneRoute } from '../../data-plane/data-plane-route.js';
import { parseJsonBody } from '../../data-plane/parse-json-body.js';
import { requireScope } from '../../data-plane/require-scope.js';
import { INTROSPECT_ANY_SCOPE, INTROSPECT_SCOPE, Introspector } from './introspector.js';

/**
 * `POST /v1/introspect/batch`: many tokens for one authentication of the caller. When one of them
 * cannot be told, the answer is 503: half an answer would pass for a whole one.
 */
@Injectable()
export class IntrospectBatchEndpoint implements JsonDataPlaneRoute {
  readonly path = '/v1/introspect/batch';
  readonly access = { kind: 'scope', scope: INTROSPECT_SCOPE } as const;
  readonly errors = 'problem';
  readonly operation = {
    id: 'introspectBatch',
    summary: 'Introspects up to 100 credentials',
    specification: 'Each answer as RFC 7662 has it, in the order of the tokens.',
    request: introspectionBatchRequest,
    response: introspectionBatchResponse,
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly introspector: Introspector,
  ) {}

  async handle(request: DataPlaneRequest, response: ServerResponse): Promise<void> {
    const nowMs = Date.now();
    const caller = requireCaller(await this.callers.authenticate(request, nowMs, 'use'));
    requireScope(caller, INTROSPECT_SCOPE, INTROSPECT_ANY_SCOPE);
    const { tokens } = parseJsonBody(introspectionBatchRequest, request.body);
    const answers = await Promise.all(
      // Asynchronous, so that one which throws leaves no other without somebody to wait for it.
      tokens.map(async (token) => this.introspector.introspect(caller, token, undefined, nowMs)),
    );
    answerAsciiJson(response, `{"results":[${answers.join(',')}]}`);
  }
}

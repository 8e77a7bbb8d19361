import {
  type EvaluationRequest,
  type EvaluationResponse,
  PRINCIPAL_TYPES,
  RESOURCE_TYPE_RESOURCE_SERVER,
  SUBJECT_TYPE_CREDENTIAL,
} from '@countersign/contracts';
import type { VerifiedCredential } from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { type Decision, type DecisionQuestion, Decisions } from '../verify/decisions.js';
import type { SharedProofs } from '../verify/shared-proofs.js';

type Subject = Pick<DecisionQuestion, 'credential' | 'principal'>;

const ALLOWED: EvaluationResponse = { decision: true };

/**
 * Access evaluations as decisions about credentials: the subject is who the credential stands for,
 * the action's name the scope that it needs, the resource the API, by its audience. What is asked in
 * other terms is denied.
 * @see AuthZEN §5, §6
 */
@Injectable()
export class Evaluator {
  constructor(private readonly decisions: Decisions) {}

  /**
   * Synchronous when memory suffices.
   * @param proofs shared with other evaluations of the same request; absent: there are none
   * @throws {DependencyUnavailable}
   */
  evaluate(
    caller: VerifiedCredential,
    { subject, action, resource, context }: EvaluationRequest,
    nowMs: number,
    proofs?: SharedProofs,
  ): EvaluationResponse | Promise<EvaluationResponse> {
    const who = subjectOf(subject);
    if (who === undefined) return { decision: false, context: { code: 'unsupported_subject' } };
    if (resource.type !== RESOURCE_TYPE_RESOURCE_SERVER) {
      return { decision: false, context: { code: 'unsupported_resource' } };
    }
    const question = {
      ...who,
      audience: resource.id,
      requiredScopes: action.name,
      request: context,
      certificateThumbprint: context?.certificate_thumbprint,
      cost: 1,
      dryRun: false,
    };
    const decision = this.decisions.decide(caller, question, nowMs, proofs);
    return decision instanceof Promise ? decision.then(responseOf) : responseOf(decision);
  }
}

/** Whose credential is asked about; undefined: there is none to ask about. */
function subjectOf({ type, id, properties }: EvaluationRequest['subject']): Subject | undefined {
  if (type === SUBJECT_TYPE_CREDENTIAL) return { credential: id, principal: undefined };
  const principalType = PRINCIPAL_TYPES.find((known) => known === type);
  const credential = properties?.credential;
  if (principalType === undefined || credential === undefined) return undefined;
  return { credential, principal: { type: principalType, id } };
}

function responseOf({ code, failures, dpopNonce }: Decision): EvaluationResponse {
  const nonce = dpopNonce === undefined ? undefined : { dpop_nonce: dpopNonce };
  if (code === 'ok') return nonce ? { decision: true, context: { code, ...nonce } } : ALLOWED;
  return { decision: false, context: { code, failures: [...failures], ...nonce } };
}

import type { Explanation, VerifyResponse } from '@countersign/contracts';
import { toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import type { Decision } from './decisions.js';

/**
 * The JSON of a decision. That a use is allowed depends on nothing in words but the credential's
 * state, so that it is put into words once for each state.
 */
export function renderDecision(decision: Decision, explanation?: Explanation): string {
  const { code, credential } = decision;
  if (explanation !== undefined) return toAsciiJson({ ...responseOf(decision), explanation });
  const isPlain = code === 'ok' && decision.dpopNonce === undefined;
  if (!isPlain || credential === undefined) return toAsciiJson(responseOf(decision));
  credential.decisionBody ??= toAsciiJson(responseOf(decision));
  return credential.decisionBody;
}

function responseOf({ code, credential, failures, dpopNonce }: Decision): VerifyResponse {
  return {
    allowed: code === 'ok',
    code,
    principal: credential?.principal ?? null,
    failures: [...failures],
    ...(dpopNonce !== undefined && { dpop_nonce: dpopNonce }),
  };
}

import type { BindingRefusal } from '@countersign/core';
import { dpopChallenge } from '../http/challenge.js';
import { OAuthFailure } from './oauth-failure.js';

/**
 * The answer to a DPoP proof that does not hold, or has no nonce: 400 from the token endpoint, 401
 * with a challenge where we are a resource. Either way it brings a nonce.
 * @see RFC 9449 §5, §7.1, §8, §9
 */
export function proofRefused(
  { code, detail, nonce }: BindingRefusal,
  at: 'token endpoint' | 'resource',
): OAuthFailure {
  return new OAuthFailure(code, detail, {
    dpopNonce: nonce,
    ...(at === 'resource' && { status: 401, challenge: dpopChallenge(code) }),
  });
}

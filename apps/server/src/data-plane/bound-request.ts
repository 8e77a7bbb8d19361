import type { BindingRefusal, BoundRequest, RequestBinding } from '@countersign/core';
import type { FastifyRequest } from 'fastify';
import { dpopChallenge } from '../http/challenge.js';
import { OAuthFailure } from './oauth-failure.js';

/**
 * A request as a proof has to speak of it: under the issuer's URL, which is what clients know,
 * whatever host and scheme a proxy has made of it.
 */
export function boundRequestOf(
  { headers, method, url }: Pick<FastifyRequest, 'headers' | 'method' | 'url'>,
  issuer: string,
): BoundRequest {
  return { proof: headers['dpop'], method, url: issuer + url };
}

/**
 * What was proven.
 * @throws {OAuthFailure} for a refusal: 400 from the token endpoint, 401 from a resource
 * @see RFC 9449 §5, §7.1, §8
 */
export function acceptedBinding(
  binding: RequestBinding | BindingRefusal,
  at: 'token endpoint' | 'resource',
): RequestBinding {
  if (binding.ok) return binding;
  const { code, detail, nonce } = binding;
  throw new OAuthFailure(code, detail, {
    dpopNonce: nonce,
    ...(at === 'resource' && { status: 401, challenge: dpopChallenge(code) }),
  });
}

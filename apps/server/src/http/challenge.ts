import { CLIENT_SIGNING_ALGORITHMS } from '@countersign/contracts';

const SCHEME = 'Bearer realm="countersign"';

/** The challenge to a request without a credential: no error code. @see RFC 6750 §3.1 */
export const CHALLENGE = SCHEME;

/** The challenge to a credential that was turned away, whatever the reason. @see RFC 6750 §3.1 */
export const INVALID_TOKEN_CHALLENGE = `${SCHEME}, error="invalid_token"`;

/** The challenge to a request that presents its credential wrongly. @see RFC 6750 §3.1 */
export const INVALID_REQUEST_CHALLENGE = `${SCHEME}, error="invalid_request"`;

/** The challenge to a credential without `scope`. @see RFC 6750 §3.1 */
export function insufficientScopeChallenge(scope: string): string {
  return `${SCHEME}, error="insufficient_scope", scope="${scope}"`;
}

const DPOP = `DPoP realm="countersign", algs="${CLIENT_SIGNING_ALGORITHMS.join(' ')}"`;

/** The challenge to a request under the scheme DPoP that was turned away. @see RFC 9449 §7.1, §9 */
export function dpopChallenge(
  error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce',
): string {
  return `${DPOP}, error="${error}"`;
}

/**
 * A challenge that also says where the metadata of the resource is. In each scheme that a token is
 * presented by; in Basic it means nothing.
 * @param url without `"` and `\\`
 * @see RFC 9728 §5.1
 */
export function withResourceMetadata(challenge: string, url: string): string {
  return challenge.replace(
    /\b(?:Bearer|DPoP) realm="countersign"/g,
    (scheme) => `${scheme}, resource_metadata="${url}"`,
  );
}

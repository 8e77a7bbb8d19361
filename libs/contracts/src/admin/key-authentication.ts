import { z } from 'zod';
import { publicJwk } from '../public-jwk.js';
import { selfSignedTlsClientAuth, tlsClientAuth } from './certificate-authentication.js';

/** Enough to bring a new key in before an old one goes. */
export const CLIENT_JWKS_MAX = 4;

const clientJwks = z
  .strictObject({ keys: z.array(publicJwk).min(1).max(CLIENT_JWKS_MAX) })
  .superRefine(({ keys }, context) => {
    const kids = keys.map(({ kid }) => kid);
    keys.forEach((jwk, index) => {
      const path = ['keys', index];
      if (jwk.kid === undefined && keys.length > 1) {
        context.addIssue({ code: 'custom', path: [...path, 'kid'], message: 'is required' });
      } else if (kids.indexOf(jwk.kid) !== index) {
        context.addIssue({ code: 'custom', path: [...path, 'kid'], message: 'must be unique' });
      }
      // RFC 8725 §3.1: a key is for one algorithm; of the others the type and curve say which.
      if (jwk.kty === 'RSA' && jwk.alg === undefined) {
        const message = 'is required of an RSA key: it is bound to one algorithm';
        context.addIssue({ code: 'custom', path: [...path, 'alg'], message });
      }
    });
  })
  .describe('public keys only; with several, each has a `kid` of its own');

/** By an assertion that one of these keys has signed. @see RFC 7523 §2.2 */
const privateKeyJwt = z.strictObject({
  method: z.literal('private_key_jwt'),
  jwks: clientJwks,
});

/**
 * How the holder of a key proves to be the holder, where that is not by a secret: by assertions, or
 * by a certificate.
 * @see RFC 7591 §2 and RFC 8705 §2 for the names
 */
export const keyAuthentication = z.discriminatedUnion('method', [
  privateKeyJwt,
  tlsClientAuth,
  selfSignedTlsClientAuth,
]);

export type KeyAuthentication = z.infer<typeof keyAuthentication>;
export type PrivateKeyJwt = z.infer<typeof privateKeyJwt>;

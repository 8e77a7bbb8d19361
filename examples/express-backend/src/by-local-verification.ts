import { createLocalVerifier, KeysUnavailable } from '@countersign/verify';
import type { RequestHandler } from 'express';
import { bearerOf } from './bearer-of.js';
import { refuse } from './refuse.js';

export interface LocalVerificationOptions {
  readonly issuer: string;
  readonly audience: string;
}

/** Lets in who bears an access token for `audience`; the keys that verify it are fetched and kept. */
export function byLocalVerification({
  issuer,
  audience,
}: LocalVerificationOptions): RequestHandler {
  // Keys are fetched over https, or, for trying this out, from one's own machine.
  const verifier = createLocalVerifier({ issuer, audience, allowInsecureHttp: 'loopback' });

  return async (request, response, next) => {
    const token = bearerOf(request);
    if (token === undefined) return refuse(response, 'no_credential');
    try {
      const { ip, method, path } = request;
      const verified = await verifier.verify(token, { ip, method, path });
      // Why it was turned away is for our log; whoever sent it learns that it is not valid.
      if (!verified.ok) return refuse(response, 'invalid_token');
      response.locals['principal'] = verified.principal;
    } catch (error) {
      if (error instanceof KeysUnavailable) return refuse(response, 'unavailable');
      throw error;
    }
    next();
  };
}

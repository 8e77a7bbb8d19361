import type { Principal } from '@countersign/contracts';
import type { RequestHandler, Response } from 'express';
import { refuse } from './refuse.js';

/** Lets in who may do this; scopes are compared exactly. Comes after what finds the principal. */
export function requireScope(scope: string): RequestHandler {
  return (_request, response, next) => {
    if (!principalOf(response).scopes.includes(scope))
      return refuse(response, 'insufficient_scope');
    next();
  };
}

/** Who calls: the same, whichever way the credential was checked. */
export function principalOf(response: Response): Principal {
  return response.locals['principal'] as Principal;
}

import { introspectionResponse, type Principal } from '@countersign/contracts';
import type { Request, RequestHandler } from 'express';
import { bearerOf } from './bearer-of.js';
import { refuse } from './refuse.js';

const TIMEOUT_MS = 3_000;

export interface IntrospectionOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly introspectionKey: string;
}

/** Lets in who bears a credential, a JWT or an API key, that Countersign calls active right now. */
export function byIntrospection(options: IntrospectionOptions): RequestHandler {
  return async (request, response, next) => {
    const credential = bearerOf(request) ?? request.get('x-api-key');
    if (credential === undefined) return refuse(response, 'no_credential');
    let principal: Principal | undefined;
    try {
      principal = await introspect(credential, request, options);
    } catch (error) {
      // An outage is no verdict: never 401, and never let in.
      console.error('introspection failed:', error instanceof Error ? error.message : error);
      return refuse(response, 'unavailable');
    }
    if (principal === undefined || !isForUs(principal, options.audience)) {
      return refuse(response, 'invalid_token');
    }
    response.locals['principal'] = principal;
    next();
  };
}

/** Who the credential stands for; undefined when it is not active. @see RFC 7662 §2 */
async function introspect(
  token: string,
  { ip = '', method, path }: Request,
  { issuer, introspectionKey }: IntrospectionOptions,
): Promise<Principal | undefined> {
  const response = await fetch(`${issuer}/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${introspectionKey}` },
    // Of a key that is restricted to addresses, methods or paths, only this request can tell.
    body: new URLSearchParams({ token, ip, method, path }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Countersign answered ${response.status}`);
  const answer = introspectionResponse.parse(await response.json());
  return answer.active ? answer.principal : undefined;
}

/** A key without audiences is good anywhere; a token always says for whom it is. */
function isForUs({ audience }: Principal, ours: string): boolean {
  return audience.length === 0 || audience.includes(ours);
}

import type { ServerResponse } from 'node:http';
import {
  type Principal,
  type RefusedCredential,
  type RenderedRefusal,
  renderRefusal,
  type UnknownCredential,
  type Verifier,
  type VerifyContext,
} from '@countersign/client';
import { insufficientScope } from './insufficient-scope.js';
import type { ProtectedRequest } from './protected-request.js';

export interface CountersignOptions {
  /** What is known of a request and does not stand in it, such as the client's certificate. */
  readonly context?: ((request: ProtectedRequest) => VerifyContext) | undefined;
}

/** Express's middleware, 4 and 5, or that of anything else that calls it as Connect did. */
export type Middleware = (
  request: ProtectedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/** Makes the middleware that lets in who has a valid credential with all of these scopes. */
export type Protect = (...scopes: readonly string[]) => Middleware;

/** What a request was let pass as, and all that has been asked of it so far. */
interface Passed {
  readonly principal: Principal;
  readonly scopes: readonly string[];
}

/**
 * Makes of a verifier what protects routes: `app.use(protect())`, `app.get('/x', protect('x:read'), …)`.
 * Who is let in is in `request.principal`. Everybody else is answered: 400, 401 and 403 with the
 * challenge, 503 when it cannot be told, which is not 401. A request is verified once, however many of
 * these stand in its way.
 *
 * @see RFC 6750 §3
 */
export function countersign(verifier: Verifier, options: CountersignOptions = {}): Protect {
  const passed = new WeakMap<ProtectedRequest, Passed>();

  /** Undefined: let in. */
  async function refusalOf(
    request: ProtectedRequest,
    response: ServerResponse,
    scopes: readonly string[],
  ): Promise<RefusedCredential | UnknownCredential | undefined> {
    const before = passed.get(request);
    if (before !== undefined) {
      // With what was asked before: a client that gets itself only what is named here would fail there.
      const needed = [...new Set([...before.scopes, ...scopes])];
      const lacking = insufficientScope(verifier, request, before.principal, needed);
      if (lacking === undefined) passed.set(request, { ...before, scopes: needed });
      return lacking;
    }
    const context = options.context?.(request);
    const result = await verifier.verify(request, { scopes, context });
    if (!result.ok) return result;
    if (result.dpopNonce !== undefined) response.setHeader('dpop-nonce', result.dpopNonce);
    passed.set(request, { principal: result.principal, scopes });
    request.principal = result.principal;
    return undefined;
  }

  return (...scopes) =>
    async (request, response, next) => {
      try {
        const refusal = await refusalOf(request, response, scopes);
        if (refusal !== undefined) return answer(response, renderRefusal(refusal));
      } catch (error) {
        // Express 4 does not look at the promise.
        return next(error);
      }
      next();
    };
}

function answer(response: ServerResponse, { status, headers, body }: RenderedRefusal): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(body));
}

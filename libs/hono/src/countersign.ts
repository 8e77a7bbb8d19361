import {
  type Principal,
  type RefusedCredential,
  renderRefusal,
  type UnknownCredential,
  type Verifier,
  type VerifyContext,
} from '@countersign/client';
import type { Context, MiddlewareHandler } from 'hono';
import type { CountersignEnv } from './countersign-env.js';
import { insufficientScope } from './insufficient-scope.js';

export interface CountersignOptions {
  /**
   * Address of the end client, which a web-standard request does not have: `getConnInfo` of the
   * runtime, or the header of a proxy that is trusted. Without it, credentials that are restricted to
   * addresses are refused.
   */
  readonly ip?: ((context: Context) => string | undefined) | undefined;
  /** What else is known of a request and does not stand in it. */
  readonly context?: ((context: Context) => VerifyContext) | undefined;
}

/** Makes the middleware that lets in who has a valid credential with all of these scopes. */
export type Protect = (...scopes: readonly string[]) => MiddlewareHandler<CountersignEnv>;

/** What a request was let pass as, and all that has been asked of it so far. */
interface Passed {
  readonly principal: Principal;
  readonly scopes: readonly string[];
}

/**
 * Makes of a verifier what protects routes: `app.use(protect())`, `app.get('/x', protect('x:read'), …)`.
 * Who is let in is `c.get('principal')`. Everybody else is answered: 400, 401 and 403 with the
 * challenge, 503 when it cannot be told, which is not 401. A request is verified once, however many of
 * these stand in its way.
 *
 * @see RFC 6750 §3
 */
export function countersign(verifier: Verifier, options: CountersignOptions = {}): Protect {
  // By context, since `bodyLimit` and others replace the request on its way; by request as well, since an
  // app that is mounted, or called by hand, makes a context of its own.
  const passed = new WeakMap<Context | Request, Passed>();

  function letPass(c: Context<CountersignEnv>, as: Passed): void {
    passed.set(c, as).set(c.req.raw, as);
    c.set('principal', as.principal);
  }

  return (...scopes) =>
    async (c, next) => {
      const request = c.req.raw;
      const before = passed.get(c) ?? passed.get(request);
      if (before !== undefined) {
        // With what was asked before: a client that gets itself only what is named here would fail there.
        const needed = [...new Set([...before.scopes, ...scopes])];
        const lacking = insufficientScope(verifier, request, before.principal, needed);
        if (lacking !== undefined) return answer(lacking);
        letPass(c, { ...before, scopes: needed });
        return next();
      }
      const { headers, method, url } = request;
      const presented = { headers, method, url, ip: options.ip?.(c) };
      const context = options.context?.(c);
      const result = await verifier.verify(presented, { scopes, context });
      if (!result.ok) return answer(result);
      letPass(c, { principal: result.principal, scopes });
      await next();
      if (result.dpopNonce !== undefined) sendNonce(c, result.dpopNonce);
    };
}

/** Once the answer is there: a route may make its own, which takes over no header that was set before. */
function sendNonce(c: Context, nonce: string): void {
  // What switches protocols has no copy, so no header can be added to it.
  if (c.res.status !== 101) c.header('dpop-nonce', nonce);
}

function answer(refusal: RefusedCredential | UnknownCredential): Response {
  const { status, headers, body } = renderRefusal(refusal);
  return Response.json(body, { status, headers });
}

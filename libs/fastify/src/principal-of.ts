import type { Principal } from '@countersign/client';

/**
 * Who calls.
 * @throws {Error} when the route is public: a mistake in the program, never the caller's
 */
export function principalOf(request: { readonly principal: Principal | null }): Principal {
  if (request.principal === null)
    throw new Error('the request has no principal: the route is public');
  return request.principal;
}

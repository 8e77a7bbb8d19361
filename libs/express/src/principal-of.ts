import type { Principal } from '@countersign/client';

/**
 * Who calls.
 * @throws {Error} when nothing protects the route: a mistake in the program, never the caller's
 */
export function principalOf(request: { readonly principal?: Principal | undefined }): Principal {
  if (request.principal === undefined) {
    throw new Error('the request has no principal: put protect() before this route');
  }
  return request.principal;
}

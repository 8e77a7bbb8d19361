import type { Request } from 'express';

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** The credential in `Authorization: Bearer`, if there is one. @see RFC 6750 §2.1 */
export function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.get('authorization') ?? '')?.[1];
}

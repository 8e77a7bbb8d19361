import type { VerifiableRequest } from '../verify-input.js';

const NAME = 'access_token';

/**
 * Whether the query of a request bears `access_token`, with or without a value, however its name is
 * encoded. @see RFC 6750 §2.3
 */
export function hasTokenInUrl({ originalUrl, url }: VerifiableRequest): boolean {
  // What a router takes off is the prefix of the path; either way the query is the one that was sent.
  const target = originalUrl ?? url;
  const start = target?.indexOf('?') ?? -1;
  if (target === undefined || start === -1) return false;
  const end = target.indexOf('#', start);
  const query = target.slice(start + 1, end === -1 ? undefined : end);
  // The whole name can be spelled otherwise only by way of a percent sign.
  if (!query.includes(NAME) && !query.includes('%')) return false;
  return new URLSearchParams(query).has(NAME);
}

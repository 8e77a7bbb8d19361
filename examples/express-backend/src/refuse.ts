import type { Response } from 'express';

const REALM = 'Bearer realm="orders"';

/** What is said to whoever is not let in. @see RFC 6750 §3.1 */
const REFUSALS = {
  no_credential: { status: 401, headers: { 'www-authenticate': REALM } },
  invalid_token: {
    status: 401,
    headers: { 'www-authenticate': `${REALM}, error="invalid_token"` },
  },
  insufficient_scope: {
    status: 403,
    headers: { 'www-authenticate': `${REALM}, error="insufficient_scope"` },
  },
  unavailable: { status: 503, headers: { 'retry-after': '1' } },
} as const;

/** Answers a request that is not let in. */
export function refuse(response: Response, why: keyof typeof REFUSALS): void {
  const { status, headers } = REFUSALS[why];
  response.status(status).set(headers).json({ error: why });
}

import { TOKEN_MAX_CHARS } from '@countersign/verify';

/**
 * `iss` as a JWT claims it, to choose who may have signed it; null when it claims none. Nothing more
 * is to be believed of it: the strict parser reads the token again.
 */
export function unverifiedIssuer(token: string): string | null {
  if (token.length > TOKEN_MAX_CHARS) return null;
  const [, payload] = token.split('.', 2);
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims !== 'object' || claims === null || !('iss' in claims)) return null;
    return typeof claims.iss === 'string' ? claims.iss : null;
  } catch {
    return null;
  }
}

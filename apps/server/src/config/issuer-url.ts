import { z } from 'zod';

const PROBLEM =
  'must be an http or https URL in its normal form, without user, query, fragment or trailing slash, ' +
  'like https://auth.example.com';

/**
 * The issuer identifier. Verifiers compare it character by character, so only the one spelling that
 * a URL parser leaves unchanged is taken.
 * @see RFC 8414 §2; http is let through for development
 */
export const issuerUrl = z.string().refine(isIssuer, PROBLEM);

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    !/[?#]/.test(text) &&
    !text.endsWith('/') &&
    // A bare origin gets a slash from the parser; everything else must come back as it was.
    (url.href === text || url.href === `${text}/`)
  );
}

/**
 * Takes credentials out of a text by their look: the last defence, for what reached a message or a
 * stack in spite of everything else. The id part of an API key or a refresh token stays, so that it
 * can be looked up.
 * Safe on JSON text: what is replaced never contains a quote or an escape.
 */
export function scrubCredentials(text: string): string {
  let scrubbed = text;
  for (const [look, replacement] of LOOKS) scrubbed = scrubbed.replace(look, replacement);
  return scrubbed;
}

// No \b in front: in JSON text an escaped line end, `\n`, puts a letter before the credential. Every
// part that repeats is bounded or cannot begin inside itself, so that a long text costs linear time.
const LOOKS: readonly (readonly [RegExp, string])[] = [
  // our API keys and refresh tokens, whatever their prefix
  [/([a-z0-9]{1,8}_(?:live|test|refresh)_[0-9A-Za-z]{16})[0-9A-Za-z]+/g, '$1[redacted]'],
  // JWTs: a header that begins with {" and two or more further parts
  [/(?<![\w-]{2})eyJ[\w-]+(?:\.[\w-]*){2,4}/g, '[redacted JWT]'],
  // Authorization headers; long enough not to be prose
  [/\b(Bearer|Basic|DPoP) +[\w.~+/=-]{20,}/gi, '$1 [redacted]'],
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]*/g, '$1[redacted]'],
  // passwords in URLs
  [/([a-z][a-z0-9+.-]{0,15}:\/\/[^\s:/@"]*):[^\s@/"]+@/gi, '$1:[redacted]@'],
];

// Compared without case, `-` and `_`: access_token, accessToken and Access-Token are one.
const SECRET_NAMES = new Set([
  ...['authorization', 'proxyauthorization', 'cookie', 'setcookie', 'dpop', 'clientcert'],
  ...['xapikey', 'apikey', 'key', 'token', 'accesstoken', 'refreshtoken', 'idtoken'],
  ...['subjecttoken', 'actortoken', 'jwt', 'assertion', 'clientassertion', 'clientsecret'],
  ...['secret', 'secrets', 'secrethash', 'password', 'passphrase', 'credential'],
  ...['privatekey', 'privatejwk', 'headers', 'rawheaders', 'body', 'rawbody', 'payload'],
  ...['query', 'parameters'],
]);
// The logger has a serializer for each, which takes over only what is harmless.
const SERIALIZED_NAMES = new Set(['error', 'err', 'req', 'res']);
const REDACTED = '[redacted]';
const DEPTH_MAX = 8;

/**
 * A copy of what is about to be logged in which the members with a telling name are redacted, at any
 * depth. What the logger has a serializer for is left to it, and so is what says itself how it looks
 * as JSON.
 */
export function redactMembers(members: Record<string, unknown>): Record<string, unknown> {
  return redactObject(members, 0, SERIALIZED_NAMES);
}

function redactObject(members: object, depth: number, asTheyAre?: Set<string>) {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    if (asTheyAre?.has(name)) redacted[name] = value;
    else redacted[name] = isSecret(name) ? REDACTED : redactValue(value, depth + 1);
  }
  return redacted;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error || 'toJSON' in value) return value;
  if (depth >= DEPTH_MAX) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return redactObject(value, depth);
}

function isSecret(name: string): boolean {
  return SECRET_NAMES.has(name.replaceAll(/[-_]/g, '').toLowerCase());
}

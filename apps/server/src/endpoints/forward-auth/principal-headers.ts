import type { Principal } from '@countersign/contracts';

/** What a gateway hands on to the upstream about the end client, all of it at each request. */
export const PRINCIPAL_HEADERS = [
  'X-Principal-Subject',
  'X-Principal-Type',
  'X-Principal-Name',
  'X-Principal-Organization',
  'X-Principal-Scopes',
  'X-Principal-Roles',
  'X-Principal-Environment',
  'X-Principal-Credential',
  'X-Principal-Actor',
  'X-Principal-Token',
] as const;

type PrincipalHeader = (typeof PRINCIPAL_HEADERS)[number];

/** The headers about nobody: each of them empty, so that none that the end client sent survives. */
export const NOBODYS_HEADERS: readonly string[] = PRINCIPAL_HEADERS.flatMap((name) => [name, '']);

/**
 * The headers about a principal, as a list of names and values by turns. Octets of a value that are
 * not visible ASCII, and the percent sign, are percent-encoded (RFC 3986 §2.1) as UTF-8; lists are
 * separated by spaces. What is unset is empty.
 * @param scopes what the principal may do at the upstream
 * @param jwt the internal token, which says the same under a signature
 */
export function principalHeaders(
  principal: Principal,
  scopes: readonly string[],
  jwt: string,
): readonly string[] {
  const values: Readonly<Record<PrincipalHeader, string>> = {
    'X-Principal-Subject': encoded(principal.subject),
    'X-Principal-Type': principal.type,
    'X-Principal-Name': encoded(principal.name),
    'X-Principal-Organization': encoded(principal.organization ?? ''),
    'X-Principal-Scopes': scopes.map(encoded).join(' '),
    'X-Principal-Roles': principal.roles.map(encoded).join(' '),
    'X-Principal-Environment': principal.environment,
    'X-Principal-Credential': encoded(principal.credential.id),
    'X-Principal-Actor': encoded(principal.actor?.subject ?? ''),
    'X-Principal-Token': jwt,
  };
  return PRINCIPAL_HEADERS.flatMap((name) => [name, values[name]]);
}

const VISIBLE = /^[\x21-\x24\x26-\x7E]*$/;

function encoded(text: string): string {
  if (VISIBLE.test(text)) return text;
  return Array.from(Buffer.from(text), encodedOctet).join('');
}

function encodedOctet(octet: number): string {
  const character = String.fromCharCode(octet);
  if (VISIBLE.test(character)) return character;
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

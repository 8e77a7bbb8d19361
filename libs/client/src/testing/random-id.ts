import { randomBytes } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id in the form of the service's. */
export function randomId(prefix: 'prn_' | 'org_' | 'key_'): string {
  return prefix + randomText(26, CROCKFORD);
}

/** The id of a version of a key. */
export function randomVersion(): string {
  return randomText(16, BASE62);
}

/** An API key in form. */
export function randomApiKey(): string {
  return `cs_test_${randomText(69, BASE62)}`;
}

function randomText(length: number, alphabet: string): string {
  let text = '';
  for (const byte of randomBytes(length)) text += alphabet[byte % alphabet.length];
  return text;
}

import { PRINCIPAL_HEADERS } from './principal-headers.js';

const SEPARATORS = ['-', '_', '.'];

/**
 * Every other spelling of a principal's headers, with `_` and `.` for `-`: CGI, WSGI and others read
 * them alike. For gateways that remove headers by their whole names only.
 * @see RFC 3875 §4.1.18
 */
export function otherSpellings(): readonly string[] {
  return PRINCIPAL_HEADERS.flatMap((name) =>
    spell(name.split('-')).filter((spelling) => spelling !== name),
  );
}

function spell([first = '', ...rest]: readonly string[]): string[] {
  if (rest.length === 0) return [first];
  return SEPARATORS.flatMap((separator) => spell(rest).map((end) => first + separator + end));
}

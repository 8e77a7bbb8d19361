import type { CertificateContent, NameAttribute } from './certificate-content.js';

/** Those of RFC 4514 §3, and what issuers of certificates use besides. */
const TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  GIVENNAME: '2.5.4.42',
  ORGANIZATIONIDENTIFIER: '2.5.4.97',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
  EMAILADDRESS: '1.2.840.113549.1.9.1',
  E: '1.2.840.113549.1.9.1',
};

const OID = /^[0-2](?:\.(?:0|[1-9]\d*))+$/;
const TYPE = /^ *([A-Za-z][A-Za-z0-9-]*|[0-9.]+) *= */;
// A run of escapes and of characters that need none: RFC 4514 §3.
const VALUE = /^(?:\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\])|[^\\"+,;<>\0])*/;

/**
 * Reads a distinguished name that is written as RFC 4514 has it, with the last element of the
 * encoding first. White space around the separators is allowed, `#` with a hexadecimal value is not.
 * @returns one text for each name, to be compared with that of a certificate; undefined: it is none
 */
export function canonicalName(text: string): string | undefined {
  const names: NameAttribute[][] = [[]];
  let rest = text;
  for (;;) {
    const type = TYPE.exec(rest);
    const oid = type?.[1] && oidOf(type[1]);
    if (!type || !oid) return undefined;
    rest = rest.slice(type[0].length);
    const [written] = VALUE.exec(rest) ?? [''];
    const value = unescaped(written);
    if (value === undefined || value === '') return undefined;
    names.at(-1)?.push([oid, value]);
    rest = rest.slice(written.length);
    if (rest === '') return canonical(names);
    if (rest.startsWith(',')) names.push([]);
    else if (!rest.startsWith('+')) return undefined;
    rest = rest.slice(1);
  }
}

/** The same of the subject of a certificate. Values are compared as they are, case and all. */
export function canonicalSubject({ subject }: CertificateContent): string {
  return canonical([...subject].reverse());
}

function canonical(names: readonly (readonly NameAttribute[])[]): string {
  // The attributes of one relative name are a set.
  return JSON.stringify(names.map((name) => name.map((one) => JSON.stringify(one)).sort()));
}

function oidOf(type: string): string | undefined {
  return OID.test(type) ? type : TYPES[type.toUpperCase()];
}

function unescaped(written: string): string | undefined {
  if (written.startsWith('#')) return undefined;
  const trimmed = written.replace(/(?<!\\) +$/, '');
  const octets = trimmed.replaceAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gs, (_, hex, char, plain) =>
    typeof hex === 'string' ? hex : Buffer.from(String(char ?? plain)).toString('hex'),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(octets, 'hex'),
    );
  } catch {
    return undefined;
  }
}

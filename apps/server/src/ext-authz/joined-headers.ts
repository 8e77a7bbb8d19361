import type { HttpAttributes } from './check-request.js';

/** Headers by their names in lower case; one that was repeated is joined by commas. */
export type JoinedHeaders = Readonly<Record<string, string>>;

/**
 * The end client's headers, in whichever of the two forms Envoy hands them over: a map, or a list
 * with a row for each. Names that differ in case only are one name.
 * @see RFC 9110 §5.1, §5.3
 */
export function joinedHeaders({ headers, header_map }: HttpAttributes): JoinedHeaders {
  const joined = Object.create(null) as Record<string, string>;
  const add = (name: string, value: string) => {
    const key = name.toLowerCase();
    const before = joined[key];
    joined[key] = before === undefined ? value : `${before}, ${value}`;
  };
  for (const [name, value] of Object.entries(headers ?? {})) add(name, value);
  for (const { key = '', value = '', raw_value } of header_map?.headers ?? []) {
    // As Node reads a header: an octet, a character.
    add(key, raw_value?.length ? raw_value.toString('latin1') : value);
  }
  return joined;
}

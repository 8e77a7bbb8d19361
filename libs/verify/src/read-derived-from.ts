import { derivedFrom } from '@countersign/contracts';

/** Reads a value that JSON.parse returned as the claim `derived_from`, frozen; null when it is none. */
export function readDerivedFrom(value: unknown): string[] | null {
  const read = derivedFrom.safeParse(value);
  return read.success ? (Object.freeze(read.data) as string[]) : null;
}

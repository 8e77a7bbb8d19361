import { type Confirmation, confirmation } from '@countersign/contracts';

/** Reads a value that JSON.parse returned as a confirmation, frozen; null when it is none. */
export function readConfirmation(value: unknown): Confirmation | null {
  const read = confirmation.safeParse(value);
  return read.success ? Object.freeze(read.data) : null;
}

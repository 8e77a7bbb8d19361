import { fieldPath } from './field-path.js';
import type { FieldError } from './problem.js';

const UNACCEPTABLE = [
  {
    // Postgres stores no NUL; a lone surrogate does not survive UTF-8.
    isFoundIn: (text: string) => text.includes('\0') || !text.isWellFormed(),
    message: 'must not contain NUL or a lone surrogate',
  },
  {
    // The audit trail refuses whatever looks like one: what it shows, people may read.
    isFoundIn: (text: string) => text.startsWith('$argon2'),
    message: 'must not be the hash of a secret',
  },
];

/**
 * Every text in `value`, at any depth, that cannot be stored or put on record, member names
 * included. Where a schema allows such a text, the error would be ours, not the caller's.
 */
export function unstorableTexts(value: unknown, path: readonly string[] = []): FieldError[] {
  if (typeof value === 'string') return errorsOf(value, path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const errors = errorsOf(name, path);
    return errors.length > 0 ? errors : unstorableTexts(child, [...path, name]);
  });
}

function errorsOf(text: string, path: readonly string[]): FieldError[] {
  return UNACCEPTABLE.filter(({ isFoundIn }) => isFoundIn(text)).map(({ message }) => ({
    field: fieldPath(path),
    message,
  }));
}

import type { z } from 'zod';
import { fieldPath } from './field-path.js';
import type { FieldError } from './problem.js';

type Issue = z.core.$ZodIssue;

/**
 * Says in a sentence what a schema found wrong, and where. Values that were submitted are never
 * repeated; the name of an unknown member only if it looks like a name, not like a secret.
 */
export function describeIssue(issue: Issue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key]),
      message: 'is not a known field',
    }));
  }
  return [{ field: fieldPath(issue.path), message: messageOf(issue) }];
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      // What must not be there at all says why by itself.
      if (issue.expected === 'never') return issue.message;
      return issue.message.endsWith('received undefined')
        ? 'is required'
        : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'must not be empty'
        : `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_key':
      return 'has a member whose name is not valid';
    case 'invalid_union':
      return issue.message === 'Invalid input' ? 'is not one of the forms allowed' : issue.message;
    case 'invalid_format':
      return issue.message.startsWith('Invalid')
        ? `must be a valid ${issue.format}`
        : issue.message;
    default:
      return issue.message;
  }
}

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'an integer',
  object: 'an object',
  array: 'an array',
  record: 'an object',
};

function article(expected: string): string {
  return ARTICLES[expected] ?? `a ${expected}`;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' items long' : '';
}

import { z } from 'zod';

// Control characters have no place in a name that ends in logs, headers and terminals; NUL cannot
// be stored by Postgres at all. \p{Cc} is C0, DEL and C1; \p{Cs} a lone surrogate.
const HAS_CONTROL_CHARACTER = /[\p{Cc}\p{Cs}]/u;

/** A name or label for people: 1 to 200 characters, none of them a control character. */
export const label = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !HAS_CONTROL_CHARACTER.test(text), 'must not contain control characters');

/** An identifier that somebody else assigned: 1 to 255 characters, none a control character. */
export const externalId = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !HAS_CONTROL_CHARACTER.test(text), 'must not contain control characters');

/** A sentence for the audit trail: at most 500 characters, none a control character. */
export const reason = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !HAS_CONTROL_CHARACTER.test(text), 'must not contain control characters');

import { Secret } from '@countersign/core';
import { z } from 'zod';

const PROBLEM =
  'must be a URL that starts with postgres:// or postgresql://, with special characters of the ' +
  'password percent-encoded';

/** A Postgres connection URL. Kept as a secret, since it usually holds a password. */
export const databaseUrl = z
  .string()
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), PROBLEM)
  .transform((text) => new Secret(text));

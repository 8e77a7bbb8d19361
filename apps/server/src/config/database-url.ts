import { Secret } from '@countersign/core';
import { z } from 'zod';

const PROBLEM =
  'must be a URL that starts with postgres:// or postgresql://, with special characters of the ' +
  'password percent-encoded';

/** What the service sets for each of its sessions; in the URL it would count before that, in silence. */
const SET_BY_THE_SERVICE = [
  'options',
  'statement_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
];
const RESERVED =
  `must not have ${SET_BY_THE_SERVICE.join(', ')}: the service relies on what it sets itself. ` +
  'Settings of your own can be given to the role (ALTER ROLE … SET …)';

/** A Postgres connection URL. Kept as a secret, since it usually holds a password. */
export const databaseUrl = z
  .string()
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), {
    error: PROBLEM,
    abort: true,
  })
  .refine((text) => !hasReservedParameter(new URL(text).searchParams), RESERVED)
  .transform((text) => new Secret(text));

function hasReservedParameter(parameters: URLSearchParams): boolean {
  return SET_BY_THE_SERVICE.some((name) => parameters.has(name));
}

import { z } from 'zod';

/**
 * Of which organization a feed tells, as a page and the stream's greeting say it: decided by the
 * credential that the reader authenticates with.
 */
export const feedOrganization = z
  .string()
  .nullable()
  .describe(
    'null: everything. Else only what concerns this organization and what concerns all: whoever reads it ' +
      'can judge no token that names another, by `org` or by the `org` of an actor',
  );

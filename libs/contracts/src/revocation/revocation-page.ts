import { z } from 'zod';
import { audience } from '../audience.js';
import { feedOrganization } from './feed-organization.js';
import { revocationEntry } from './revocation-entry.js';

/** Most entries that one page bears, and how many unless asked otherwise. */
export const REVOCATION_PAGE_MAX = 10_000;

/** Place in the feed as text: a `next_cursor`, or the id of an event of the stream. */
export const revocationCursor = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15})$/, 'must be a next_cursor, or the id of an event');

/** Query of `GET /revocations`. */
export const listRevocations = z
  .strictObject({
    cursor: revocationCursor
      .optional()
      .describe('only entries after it; absent: all that are in force (the snapshot)'),
    audience: audience.optional().describe('leaves out what can hit no token for this audience'),
    limit: z.coerce.number().int().min(1).max(REVOCATION_PAGE_MAX).default(REVOCATION_PAGE_MAX),
  })
  .meta({ id: 'ListRevocations' });

/**
 * A part of the feed, in order. Entries leave it only when nothing that they could hit is alive, so what
 * comes after any cursor, however old, completes what was known there.
 */
export const revocationPage = z
  .strictObject({
    issuer: z.string(),
    organization: feedOrganization,
    entries: z.array(revocationEntry),
    next_cursor: revocationCursor.describe('where the next page, or the stream, goes on'),
    more: z.boolean().describe('whether there are entries after `next_cursor` already'),
    reset: z
      .boolean()
      .describe(
        'the cursor lies ahead of the feed, which was restored from a backup: forget what is known; ' +
          'these entries are a snapshot',
      ),
    age_ms: z
      .number()
      .nonnegative()
      .describe('milliseconds since which nothing that was committed is missing, when answered'),
  })
  .meta({ id: 'RevocationPage' });

export type ListRevocations = z.infer<typeof listRevocations>;
export type RevocationPage = z.infer<typeof revocationPage>;

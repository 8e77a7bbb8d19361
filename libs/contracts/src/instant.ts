import { z } from 'zod';

// Postgres and Date both hold it, and no credential outlives it by accident.
const LATEST_YEAR_MS = Date.UTC(9999, 11, 31);

/** A moment in an answer of the admin API: RFC 3339, UTC, milliseconds. */
export const instant = z.iso.datetime().meta({ examples: ['2026-11-22T08:00:00.000Z'] });

/** A moment in a request of the admin API: RFC 3339 with offset, or NumericDate (seconds). */
export const instantInput = z
  .union([z.iso.datetime({ offset: true }), z.number().int().nonnegative()], {
    error: 'must be an RFC 3339 date-time or a NumericDate in seconds',
  })
  .refine((value) => toDate(value).getTime() <= LATEST_YEAR_MS, 'must be before the year 9999');

/** Reads a moment as `instantInput` lets it through. */
export function toDate(value: string | number): Date {
  return new Date(typeof value === 'number' ? value * 1000 : value);
}

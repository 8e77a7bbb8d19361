import { z } from 'zod';
import { feedOrganization } from './feed-organization.js';
import { revocationCursor } from './revocation-page.js';

/** Longest time between two heartbeats of the stream, milliseconds. */
export const REVOCATION_HEARTBEAT_MAX_MS = 500;

const serverClock = z.number().nonnegative();

/**
 * `event: hello`, the first of a stream. `clock_ms` is the monotonic clock of the process that answers:
 * it was read after the client sent its request, so that the client can tell from each later reading a
 * moment of its own clock that was not after it.
 */
export const revocationHello = z
  .strictObject({
    issuer: z.string(),
    organization: feedOrganization,
    clock_ms: serverClock,
    reset: z.boolean().describe('as in a page: forget what is known'),
  })
  .meta({ id: 'RevocationHello' });

/**
 * `event: heartbeat`, at least every 500 ms: all entries up to `position` were sent before it, and
 * nothing that was committed before `synced_ms`, on the clock of `hello`, is missing.
 */
export const revocationHeartbeat = z
  .strictObject({ position: revocationCursor, synced_ms: serverClock })
  .meta({ id: 'RevocationHeartbeat' });

export type RevocationHello = z.infer<typeof revocationHello>;
export type RevocationHeartbeat = z.infer<typeof revocationHeartbeat>;

import { z } from 'zod';
import { audience } from '../audience.js';
import { revocationCursor } from './revocation-page.js';

/** Query of `GET /revocations/stream`. A `Last-Event-ID` header counts before the cursor. */
export const streamRevocations = z
  .strictObject({
    cursor: revocationCursor
      .optional()
      .describe('only entries after it; absent: first all that are in force (the snapshot)'),
    audience: audience.optional().describe('leaves out what can hit no token for this audience'),
  })
  .meta({ id: 'StreamRevocations' });

export type StreamRevocations = z.infer<typeof streamRevocations>;

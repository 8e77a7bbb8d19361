import { z } from 'zod';

const check = z.enum(['up', 'down']);

/** Answer of `GET /health/ready`: 200 when `status` is `ready`, else 503. */
export const readinessReport = z
  .strictObject({
    status: z.enum(['ready', 'not_ready', 'draining']),
    checks: z.strictObject({ database: check, change_feed: check, signing_keys: check }),
  })
  .meta({ id: 'ReadinessReport' });

export type ReadinessReport = z.infer<typeof readinessReport>;

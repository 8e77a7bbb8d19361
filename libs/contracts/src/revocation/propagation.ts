import { z } from 'zod';

/** How far a revocation had come when it was answered. */
export const propagation = z
  .strictObject({
    confirmed: z
      .boolean()
      .describe('no replica accepts any more what was revoked; false: the answer was 202'),
    replicas: z.number().int().nonnegative().describe('replicas that have applied it'),
    lapsed: z
      .number()
      .int()
      .nonnegative()
      .describe('replicas that have not, and answer nothing from memory: their lease is over'),
    pending: z.number().int().nonnegative().describe('replicas that may still accept it'),
    took_ms: z.number().nonnegative().describe('milliseconds since the commit'),
    bound_ms: z
      .number()
      .nonnegative()
      .optional()
      .describe('unconfirmed: milliseconds after which no replica accepts it, whatever happens'),
  })
  .meta({ id: 'Propagation' });

export type Propagation = z.infer<typeof propagation>;

import { z } from 'zod';

/** Who acts for a principal, and before whom somebody else did. */
export interface Actor {
  subject: string;
  actor: Actor | null;
}

/**
 * The principal that acts, and the one that acted before it, if any. Only the outermost acts now; those
 * within are for the record.
 * @see RFC 8693 §4.1
 */
export const actor: z.ZodType<Actor> = z
  .strictObject({
    subject: z.string(),
    get actor() {
      return actor.nullable();
    },
  })
  .meta({ id: 'Actor' });

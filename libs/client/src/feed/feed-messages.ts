import {
  revocationEntry,
  revocationHeartbeat,
  revocationHello,
  revocationPage,
} from '@countersign/contracts';
import { z } from 'zod';

/**
 * The messages of the feed as a client reads them: by the wire's schemas, but members that a newer
 * service adds are left out instead of refused. An entry of a type that is not known is refused: it
 * may take something away, and to overlook it is what must not happen.
 */
export const readableEntry = z.object(revocationEntry.shape);
export const readablePage = z.object({
  ...revocationPage.shape,
  entries: z.array(readableEntry),
});
export const readableHello = z.object(revocationHello.shape);
export const readableHeartbeat = z.object(revocationHeartbeat.shape);

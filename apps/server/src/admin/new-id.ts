import { ID_PREFIXES, type IdKind } from '@countersign/contracts';
import { monotonicFactory } from 'ulid';

const newUlid = monotonicFactory();

/**
 * A new id of `kind`. Ids sort by the moment of their making, and those that one process makes within
 * a millisecond by their order.
 */
export function newId(kind: IdKind, now: Date): string {
  return ID_PREFIXES[kind] + newUlid(now.getTime());
}

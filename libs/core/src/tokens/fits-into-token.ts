import { METADATA_MAX_BYTES, type Metadata, metadataBytes } from '@countersign/contracts';

// By the object itself: a principal's metadata is never changed, only replaced.
const known = new WeakMap<Metadata, boolean>();

/** Whether a principal's metadata is small enough to travel in a token; worked out once for each. */
export function fitsIntoToken(metadata: Metadata): boolean {
  let fits = known.get(metadata);
  if (fits === undefined) {
    fits = metadataBytes(metadata) <= METADATA_MAX_BYTES;
    known.set(metadata, fits);
  }
  return fits;
}

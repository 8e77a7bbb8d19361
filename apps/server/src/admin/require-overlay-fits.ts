import { METADATA_MAX_BYTES, type Metadata, metadataBytes } from '@countersign/contracts';
import { validationFailed } from '../http/problem.js';

/**
 * A token carries the principal's metadata overlaid by its key's, and only so much fits.
 * @throws {ProblemException} `validation_failed` when both together are too large
 */
export function requireOverlayFits(ofPrincipal: Metadata, ofKey: Metadata): void {
  if (metadataBytes({ ...ofPrincipal, ...ofKey }) <= METADATA_MAX_BYTES) return;
  throw validationFailed([
    {
      field: 'metadata',
      message: `must be at most ${METADATA_MAX_BYTES} bytes as JSON, the principal's and the key's together`,
    },
  ]);
}

import { isResourceIdentifier, type ProtectedResourceMetadata } from '@countersign/contracts';
import { validationFailed } from '../../http/problem.js';

/**
 * Metadata stands at a URL that is made of what identifies the resource.
 * @throws {ProblemException} `validation_failed` where there is none for this audience
 * @see RFC 9728 §1.2, §3.1
 */
export function requirePublishable(
  audience: string,
  metadata: ProtectedResourceMetadata | null,
): void {
  if (metadata === null || isResourceIdentifier(audience)) return;
  const message = 'needs an audience that is an https URL without query';
  throw validationFailed([{ field: 'protected_resource_metadata', message }]);
}

import type { MappedSubject } from './map-subject.js';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

/**
 * Finds, or makes by the issuer's provisioning, the identity of a subject; null when it stands for
 * nobody here. Rejects with `DependencyUnavailable` when the database cannot answer.
 */
export type ResolveIdentity = (
  subject: MappedSubject,
  provisioning: TrustedIssuerPolicy['provisioning'],
) => Promise<string | null>;

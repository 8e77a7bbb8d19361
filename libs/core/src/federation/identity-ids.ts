import { LRUCache } from 'lru-cache';
import type { MappedSubject } from './map-subject.js';
import type { ResolveIdentity } from './resolve-identity.js';
import type { TrustedIssuerPolicy } from './trusted-issuer-policy.js';

/**
 * Which identity a subject has. An id is only a name to ask memory by: what has become of the
 * identity is asked at each use, and so it does no harm when one here was deleted.
 */
export class IdentityIds {
  readonly #resolve: ResolveIdentity;
  readonly #ids: LRUCache<string, string>;
  readonly #underWay = new Map<string, Promise<string | null>>();

  constructor(resolve: ResolveIdentity, capacity: number) {
    this.#resolve = resolve;
    // With `max`, memory for all of them would be taken at the start.
    this.#ids = new LRUCache({ maxSize: capacity, sizeCalculation: () => 1 });
  }

  /** @throws {DependencyUnavailable} */
  async of(subject: MappedSubject, { provisioning }: TrustedIssuerPolicy): Promise<string | null> {
    const name = nameOf(subject);
    return (
      this.#ids.get(name) ?? this.#underWay.get(name) ?? this.#start(name, subject, provisioning)
    );
  }

  /** There is no such identity any more: the next look-up asks the database. */
  forget(subject: MappedSubject): void {
    this.#ids.delete(nameOf(subject));
  }

  #start(
    name: string,
    subject: MappedSubject,
    provisioning: TrustedIssuerPolicy['provisioning'],
  ): Promise<string | null> {
    const resolving = this.#resolve(subject, provisioning)
      .then((id) => {
        if (id !== null) this.#ids.set(name, id);
        return id;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, resolving);
    return resolving;
  }
}

// No subject has a control character, so that no two can run together.
function nameOf({ trustedIssuerId, organizationId, subject }: MappedSubject): string {
  return `${trustedIssuerId}\n${organizationId ?? ''}\n${subject}`;
}

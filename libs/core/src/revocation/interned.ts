import { REVOCATION_TYPES, type RevocationType } from '@countersign/contracts';
import type { Revocation } from './revocation.js';

const TYPES = new Map<string, RevocationType>(REVOCATION_TYPES.map((type) => [type, type]));

/**
 * Makes revocations share what they have in common. Of some hundred thousand, each would else hold a
 * copy of the same few audiences and organizations, as it was read.
 */
export class Interned {
  readonly #organizations = new Map<string, string>();
  readonly #audiences = new Map<string, readonly string[]>();

  /** The same revocation, frugal. */
  of({ position, type, id, final, effectiveAt, expiresAt, ...rest }: Revocation): Revocation {
    const { audiences, organizationId } = rest;
    return {
      position,
      type: TYPES.get(type) ?? type,
      id,
      final,
      effectiveAt,
      expiresAt,
      audiences: audiences && this.#audiencesOf(audiences),
      organizationId: organizationId && shared(this.#organizations, organizationId, organizationId),
    };
  }

  #audiencesOf(audiences: readonly string[]): readonly string[] {
    // No URI has a line break.
    return shared(this.#audiences, audiences.join('\n'), Object.freeze([...audiences]));
  }
}

function shared<T>(known: Map<string, T>, key: string, value: T): T {
  const first = known.get(key);
  if (first !== undefined) return first;
  known.set(key, value);
  return value;
}

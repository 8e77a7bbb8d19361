import type { CredentialState } from './credential-state.js';
import type { KeySlot } from './key-slot.js';

/**
 * Which slots depend on a subject of the change feed. Most subjects have one slot, and with a
 * hundred thousand keys a set for each would cost more than the keys.
 */
export class SlotIndex {
  readonly #slots = new Map<string, KeySlot | Set<KeySlot>>();

  add(slot: KeySlot, state: CredentialState): void {
    for (const subject of subjectsOf(state)) this.#link(subject, slot);
  }

  remove(slot: KeySlot, state: CredentialState): void {
    for (const subject of subjectsOf(state)) this.#unlink(subject, slot);
  }

  slotsOf(subject: string): readonly KeySlot[] {
    const found = this.#slots.get(subject);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  clear(): void {
    this.#slots.clear();
  }

  #link(subject: string, slot: KeySlot): void {
    const present = this.#slots.get(subject);
    if (present === undefined) this.#slots.set(subject, slot);
    else if (present instanceof Set) present.add(slot);
    else if (present !== slot) this.#slots.set(subject, new Set([present, slot]));
  }

  #unlink(subject: string, slot: KeySlot): void {
    const present = this.#slots.get(subject);
    if (present === slot) this.#slots.delete(subject);
    else if (present instanceof Set && present.delete(slot) && present.size === 0) {
      this.#slots.delete(subject);
    }
  }
}

/** What a state depends on, besides its own version or identity. */
export function subjectsOf(state: CredentialState): readonly string[] {
  const parent = state.kind === 'api_key' ? state.keyId : state.trustedIssuerId;
  const subjects = [parent, state.principalId, ...state.roleIds];
  if (state.organizationId !== null) subjects.push(state.organizationId);
  return subjects;
}

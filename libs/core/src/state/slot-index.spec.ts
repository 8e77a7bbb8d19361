import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ISSUER,
  KEY_ID,
  keyState,
  ORGANIZATION_ID,
  PRINCIPAL_ID,
  ROLE_ID,
} from '../../test/key-state.js';
import { KeySlot } from './key-slot.js';
import type { KeyState } from './key-state.js';
import { SlotIndex, subjectsOf } from './slot-index.js';

describe('subjectsOf', () => {
  it('is all that a state depends on: key, principal, organization and each role', () => {
    const state = keyState({ roleIds: [ROLE_ID, 'rol_2'] });
    expect([...subjectsOf(state)].sort()).toEqual(
      [KEY_ID, PRINCIPAL_ID, ORGANIZATION_ID, ROLE_ID, 'rol_2'].sort(),
    );
  });

  it('has no organization where there is none', () => {
    const state = keyState({ organizationId: null, organizationStatus: null, roleIds: [] });
    expect(subjectsOf(state)).toEqual([KEY_ID, PRINCIPAL_ID]);
  });
});

describe('SlotIndex', () => {
  it('finds every slot of a subject, and none once they were removed', () => {
    const slots = ['v1', 'v2', 'v3'].map((id) => new KeySlot(id, ISSUER));
    const index = new SlotIndex();
    const state = keyState();
    for (const slot of slots) index.add(slot, state);
    expect(new Set(index.slotsOf(PRINCIPAL_ID))).toEqual(new Set(slots));
    for (const slot of slots) index.remove(slot, state);
    for (const subject of subjectsOf(state)) expect(index.slotsOf(subject)).toEqual([]);
  });

  it('bears that slots are removed while those of a subject are gone through', () => {
    const index = new SlotIndex();
    const state = keyState();
    for (const id of ['v1', 'v2', 'v3']) index.add(new KeySlot(id, ISSUER), state);
    let seen = 0;
    for (const slot of index.slotsOf(ROLE_ID)) {
      index.remove(slot, state);
      seen += 1;
    }
    expect(seen).toBe(3);
  });

  it('is right after any additions and removals', () => {
    const state = fc
      .record({
        keyId: fc.constantFrom('key1', 'key2'),
        principalId: fc.constantFrom('principal1', 'principal2'),
        organizationId: fc.constantFrom('organization1', null),
        roleIds: fc.subarray(['role1', 'role2']),
      })
      .map((overrides) => keyState(overrides));
    const entry = fc.record({ slot: fc.nat(4), state });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        const index = new SlotIndex();
        const slots = Array.from({ length: 5 }, (_, i) => new KeySlot(`v${i}`, ISSUER));
        const states = new Map<KeySlot, KeyState>();
        // A slot has one state at a time: the second entry for it takes it out again.
        for (const { slot: which, state: next } of entries) {
          const slot = slots[which] ?? new KeySlot('no other', ISSUER);
          const present = states.get(slot);
          if (present === undefined) {
            index.add(slot, next);
            states.set(slot, next);
          } else {
            index.remove(slot, present);
            states.delete(slot);
          }
        }
        for (const subject of ['key1', 'key2', 'principal1', 'organization1', 'role1', 'role2']) {
          const expected = slots.filter((slot) => {
            const its = states.get(slot);
            return its !== undefined && subjectsOf(its).includes(subject);
          });
          expect(new Set(index.slotsOf(subject))).toEqual(new Set(expected));
        }
      }),
    );
  });
});

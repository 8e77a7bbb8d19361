import { type Check, CHECKS, type Decidable } from './checks.js';

const possible = new WeakMap<Decidable, readonly Check[]>();
// A hundred thousand credentials share a handful of lists.
const lists = new Map<string, readonly Check[]>();

/**
 * Of all checks, in the same order, those that a credential in its state can fail: worked out once for
 * each state, since most can fail a few only.
 */
export function possibleChecks(credential: Decidable): readonly Check[] {
  const known = possible.get(credential);
  if (known !== undefined) return known;
  const list = shared(CHECKS.filter(({ isPossible }) => isPossible?.(credential) ?? true));
  possible.set(credential, list);
  return list;
}

function shared(checks: readonly Check[]): readonly Check[] {
  const names = checks.map(({ name }) => name).join(' ');
  const list = lists.get(names) ?? checks;
  lists.set(names, list);
  return list;
}

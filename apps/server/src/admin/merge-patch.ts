import type { Metadata } from '@countersign/contracts';

/**
 * Applies a JSON merge patch to an object: members stay unless named, null removes one, an object
 * is merged into an object, anything else replaces. `__proto__` never gets here: no body has it.
 * @see RFC 7396 §2
 */
export function mergePatch(target: Metadata, patch: Metadata): Metadata {
  const merged = new Map(Object.entries(target));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) merged.delete(name);
    else if (isObject(change)) merged.set(name, mergePatch(objectOr(merged.get(name)), change));
    else merged.set(name, change);
  }
  return Object.fromEntries(merged);
}

type Json = Metadata[string];

function isObject(value: Json | undefined): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOr(value: Json | undefined): Metadata {
  return isObject(value) ? value : {};
}

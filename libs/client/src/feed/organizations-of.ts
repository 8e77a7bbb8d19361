import type { RevocationId } from '@countersign/verify';

/** The organizations among what an entry of the feed may name: a token's own, and its actors'. */
export function organizationsOf(ids: readonly RevocationId[]): readonly string[] {
  return ids.flatMap(({ type, id }) => (type === 'organization' ? [id] : []));
}

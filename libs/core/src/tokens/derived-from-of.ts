import type { TokenSubject } from './token-subject.js';

/**
 * The claim `derived_from` of a token that comes of these: their ids, and those of what they came of in
 * their turn. Without repeats; a key, and what is known of a federated identity alone, is in `cid`.
 */
export function derivedFromOf(parents: readonly (TokenSubject | undefined)[]): readonly string[] {
  return [...new Set(parents.flatMap(idsOf))];
}

function idsOf(parent: TokenSubject | undefined): readonly string[] {
  switch (parent?.kind) {
    case 'access_token': {
      const { derived_from: earlier = [], jti } = parent.token.claims;
      return [...earlier, jti];
    }
    case 'federated_token':
      return [parent.token.revocationId];
    default:
      return [];
  }
}

import type { TokenSubject } from './token-subject.js';

/**
 * The claim `derived_from` of a token that comes of these: their ids, those of what they came of in their
 * turn, and of the keys that signed them, so that whoever stole a key keeps nothing that it was exchanged
 * for. Without repeats; a key, and what is known of a federated identity alone, is in `cid`.
 * @param kid of the key that will sign the token: it names that one anyway
 */
export function derivedFromOf(
  parents: readonly (TokenSubject | undefined)[],
  kid: string,
): readonly string[] {
  const ids = new Set(parents.flatMap(idsOf));
  ids.delete(kid);
  return [...ids];
}

function idsOf(parent: TokenSubject | undefined): readonly string[] {
  switch (parent?.kind) {
    case 'access_token': {
      const { claims, kid } = parent.token;
      return [...(claims.derived_from ?? []), claims.jti, kid];
    }
    case 'federated_token':
      return [parent.token.revocationId];
    default:
      return [];
  }
}

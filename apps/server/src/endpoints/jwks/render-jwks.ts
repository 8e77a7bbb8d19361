import { type Representation, representationOf } from '../representation.js';
import type { PublishedKeys } from './published-keys.js';

/** @see RFC 7517 §8.5.2 */
export const JWK_SET_MEDIA_TYPE = 'application/jwk-set+json';

// Every member of a public RSA, EC or OKP key that a verifier needs; no private one is among them.
const PUBLIC_MEMBERS = ['kty', 'use', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y'];

/**
 * The key set as it is published: RSA keys first, since some verifiers take the first key they see,
 * and of each key only members that are known to be public.
 */
export function renderJwks({ keys }: ReturnType<PublishedKeys['jwks']>): Representation {
  const rsaFirst = [
    ...keys.filter((key) => key['kty'] === 'RSA'),
    ...keys.filter((key) => key['kty'] !== 'RSA'),
  ];
  return representationOf({ keys: rsaFirst.map(publicMembers) }, JWK_SET_MEDIA_TYPE);
}

function publicMembers(key: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    PUBLIC_MEMBERS.filter((member) => key[member] !== undefined).map((member) => [
      member,
      key[member],
    ]),
  );
}

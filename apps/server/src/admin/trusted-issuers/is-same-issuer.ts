/**
 * Whether two issuer URLs are one for everybody but a comparison letter by letter: host in another
 * case, a default port, a slash at the end, the other scheme. A trusted issuer that is so near to this
 * service would never work by discovery, and be taken for it by whoever reads.
 */
export function isSameIssuer(one: string, other: string): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(issuer: string): string {
  const { host, pathname } = new URL(issuer);
  return host + pathname.replace(/\/+$/, '');
}

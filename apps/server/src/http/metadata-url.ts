const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Where the metadata of a protected resource is: the well-known path stands between the host and the
 * path of the resource, and a slash that is all of a path is left out.
 * @param resource what identifies it: a URL without query and fragment
 * @see RFC 9728 §3.1
 */
export function metadataUrl(resource: string): string {
  const { origin, path } = partsOf(resource);
  return `${origin}${WELL_KNOWN}${path === '/' ? '' : path}`;
}

/** The path of that URL alone. */
export function metadataPath(resource: string): string {
  return metadataUrl(resource).slice(partsOf(resource).origin.length);
}

/** As they are written: what identifies a resource is compared octet by octet. */
function partsOf(resource: string): { readonly origin: string; readonly path: string } {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]+)(.*)$/.exec(resource) ?? [];
  return { origin, path };
}

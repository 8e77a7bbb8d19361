import { z } from 'zod';

const IPV4 = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}`;
const cidr = z.union([
  z.ipv4(),
  z.ipv6(),
  z.cidrv6(),
  z.string().regex(new RegExp(`^${IPV4}/(?:3[0-2]|[12]?\\d)$`)),
]);

const ips = z
  .array(cidr)
  .min(1)
  .max(64)
  .describe('addresses or CIDR blocks, IPv4 or IPv6, of the end client');
const methods = z
  .array(z.string().regex(/^[A-Z]{1,32}$/, 'must be an upper-case HTTP method'))
  .min(1)
  .max(16)
  .describe('HTTP methods, upper case');
const paths = z
  .array(z.string().regex(/^\/[\x21-\x7E]{0,255}$/, 'must start with / and be printable ASCII'))
  .min(1)
  .max(64)
  .describe('exact paths, or prefixes that end in `/*`');

/**
 * Where a credential may be used from and for what. Every list that is present must be satisfied;
 * what derives from a restricted key (its JWTs) is restricted the same way.
 */
export const restrictions = z
  .strictObject({ ips: ips.optional(), methods: methods.optional(), paths: paths.optional() })
  .meta({ id: 'Restrictions' });

/** JSON merge patch of restrictions: null removes one kind. @see RFC 7396 */
export const patchRestrictions = z
  .strictObject({
    ips: ips.nullable().optional(),
    methods: methods.nullable().optional(),
    paths: paths.nullable().optional(),
  })
  .meta({ id: 'PatchRestrictions' });

export type PatchRestrictions = z.infer<typeof patchRestrictions>;
export type Restrictions = z.infer<typeof restrictions>;

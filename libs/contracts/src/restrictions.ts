import { z } from 'zod';

const IPV4 = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}`;
const cidr = z.union([
  z.ipv4(),
  z.ipv6(),
  z.cidrv6(),
  z.string().regex(new RegExp(`^${IPV4}/(?:3[0-2]|[12]?\\d)$`)),
]);

/**
 * Where a credential may be used from and for what. Every list that is present must be satisfied;
 * what derives from a restricted key (its JWTs) is restricted the same way.
 */
export const restrictions = z
  .strictObject({
    ips: z
      .array(cidr)
      .min(1)
      .max(64)
      .optional()
      .describe('addresses or CIDR blocks, IPv4 or IPv6, of the end client'),
    methods: z
      .array(z.string().regex(/^[A-Z]{1,32}$/, 'must be an upper-case HTTP method'))
      .min(1)
      .max(16)
      .optional()
      .describe('HTTP methods, upper case'),
    paths: z
      .array(z.string().regex(/^\/[\x21-\x7E]{0,255}$/, 'must start with / and be printable ASCII'))
      .min(1)
      .max(64)
      .optional()
      .describe('exact paths, or prefixes that end in `/*`'),
  })
  .meta({ id: 'Restrictions' });

export type Restrictions = z.infer<typeof restrictions>;

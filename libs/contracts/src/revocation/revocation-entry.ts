import { z } from 'zod';

/**
 * What an entry of the revocation feed speaks of:
 * - `jti`: one token;
 * - `credential`: a key (`key_…`), one version of it (`key_….<version>`), a federated identity
 *   (`fid_…`) or a trusted issuer (`tis_…`): what was derived from it, by the claim `cid`;
 * - `principal`, `organization`, `role`, `audience`: by `sub`, `org`, `roles` and `aud`, and by those of
 *   the actors;
 * - `kid`: all that one signing key has signed.
 */
export const REVOCATION_TYPES = [
  'jti',
  'credential',
  'principal',
  'organization',
  'role',
  'audience',
  'kid',
] as const;

export type RevocationType = (typeof REVOCATION_TYPES)[number];

const numericDate = z.number().int().nonnegative();
const feedPosition = z.number().int().nonnegative();

/**
 * One entry of the revocation feed. It hits a token that bears its `id` where its type says; a `jti`
 * or `kid` always, any other only a token that was issued before the entry took effect, which is told
 * without clocks: by the token's claim `pos`, where that is absent or below `position`.
 */
export const revocationEntry = z
  .strictObject({
    position: feedPosition.describe('place in the one order of all changes; grows, with holes'),
    type: z.enum(REVOCATION_TYPES),
    id: z.string().min(1),
    final: z
      .boolean()
      .describe(
        'true: what it hits is dead for good. false: it may do less than it says, or nothing, from now ' +
          'on; introspection tells what it may still do',
      ),
    effective_at: numericDate
      .optional()
      .describe('NumericDate from which it holds; absent: it holds already'),
    expires_at: numericDate.describe('NumericDate after which nothing that it could hit is alive'),
  })
  .meta({ id: 'RevocationEntry' });

export type RevocationEntry = z.infer<typeof revocationEntry>;

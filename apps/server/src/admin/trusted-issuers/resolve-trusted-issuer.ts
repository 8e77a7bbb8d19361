import {
  type CreateTrustedIssuer,
  PRESETS,
  type TrustedIssuerPreset,
} from '@countersign/contracts';
import type { TrustedIssuerEntity } from '@countersign/persistence';
import { sortedSet } from '../sorted-set.js';

/** What an OpenID provider has that nothing else is known of. */
const PLAIN: TrustedIssuerPreset = {
  algorithms: ['RS256'],
  mapping: { subject: '/sub', scopes: [{ claim: '/scope' }], type: 'user', name: '/name' },
};

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };
type Configured = Omit<
  TrustedIssuerEntity,
  'id' | 'trustPosition' | 'createdAt' | 'updatedAt' | 'organization'
>;

/** The whole configuration of an issuer: explicit members, then the preset's, then the defaults. */
export function resolveTrustedIssuer(body: CreateTrustedIssuer): Configured {
  const preset = body.preset === undefined ? PLAIN : PRESETS[body.preset];
  const targets = body.target_audiences ?? preset.target_audiences ?? null;
  return {
    issuer: body.issuer,
    name: body.name,
    preset: body.preset ?? null,
    status: 'active',
    jwks: body.jwks ?? null,
    jwksUri: body.jwks_uri ?? null,
    discovery: body.discovery ?? 'openid-configuration',
    algorithms: [...(body.algorithms ?? preset.algorithms)],
    audienceClaim: body.audience_claim ?? preset.audience_claim ?? '/aud',
    audiences: sortedSet(body.audiences),
    // null is a choice too: for the audience in the token, whatever the preset says.
    targetAudiences: body.target_audiences === null ? null : targets && sortedSet(targets),
    scopes: sortedSet(body.scopes),
    mapping: { ...preset.mapping, ...withoutUndefined(body.mapping ?? {}) },
    provisioning: body.provisioning ?? 'link',
    organizationId: body.organization_id ?? null,
    environment: body.environment ?? 'live',
  };
}

function withoutUndefined<T extends object>(mapping: T): Defined<T> {
  const defined = Object.entries(mapping).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Defined<T>;
}

import type { FederatedAlgorithm } from '../federated-algorithm.js';
import type { ClaimMapping } from './claim-mapping.js';

export const TRUSTED_ISSUER_PRESETS = [
  'auth0',
  'clerk',
  'keycloak',
  'okta',
  'entra_id',
  'google',
  'cognito',
  'kubernetes',
] as const;

export type TrustedIssuerPresetName = (typeof TRUSTED_ISSUER_PRESETS)[number];

export interface TrustedIssuerPreset {
  readonly algorithms: FederatedAlgorithm[];
  /** Default: `/aud`. */
  readonly audience_claim?: string;
  /** Given where the audience is a client and not an API, and so restricts nothing here. */
  readonly target_audiences?: string[];
  readonly mapping: ClaimMapping;
}

const RS256: FederatedAlgorithm[] = ['RS256'];

/**
 * What is the same for every tenant of a product. Found by `openid-configuration`, all of them.
 * Claims are those of their access tokens; of Google, which has none that are JWTs, the ID token's.
 */
export const PRESETS: Readonly<Record<TrustedIssuerPresetName, TrustedIssuerPreset>> = {
  auth0: {
    algorithms: RS256,
    mapping: {
      subject: '/sub',
      // `permissions` are there when the API has RBAC on.
      scopes: [{ claim: '/scope' }, { claim: '/permissions' }],
      type: { claim: '/gty', map: { 'client-credentials': 'service' }, default: 'user' },
      name: '/name',
    },
  },
  clerk: {
    algorithms: RS256,
    // Session tokens have no `aud`: `azp` is the origin that they were made for.
    audience_claim: '/azp',
    target_audiences: [],
    mapping: {
      subject: '/sub',
      scopes: [{ claim: '/org_permissions' }],
      type: 'user',
    },
  },
  keycloak: {
    algorithms: RS256,
    mapping: {
      subject: '/sub',
      scopes: [{ claim: '/scope' }, { claim: '/realm_access/roles' }],
      type: 'user',
      name: '/preferred_username',
    },
  },
  okta: {
    algorithms: RS256,
    mapping: { subject: '/sub', scopes: [{ claim: '/scp' }], type: 'user' },
  },
  entra_id: {
    algorithms: RS256,
    mapping: {
      // `sub` differs from application to application.
      subject: '/oid',
      scopes: [{ claim: '/scp' }, { claim: '/roles' }],
      type: { claim: '/idtyp', map: { app: 'service' }, default: 'user' },
      name: '/name',
    },
  },
  google: {
    algorithms: RS256,
    target_audiences: [],
    mapping: { subject: '/sub', scopes: 'ceiling', type: 'user', name: '/name' },
  },
  cognito: {
    algorithms: RS256,
    // Access tokens have no `aud`.
    audience_claim: '/client_id',
    target_audiences: [],
    mapping: {
      subject: '/sub',
      scopes: [{ claim: '/scope' }, { claim: '/cognito:groups' }],
      type: 'user',
      name: '/username',
    },
  },
  kubernetes: {
    algorithms: ['RS256', 'ES256'],
    mapping: {
      subject: '/sub',
      scopes: 'ceiling',
      type: 'service',
      name: '/sub',
      metadata: {
        namespace: '/kubernetes.io/namespace',
        service_account: '/kubernetes.io/serviceaccount/name',
      },
    },
  },
};

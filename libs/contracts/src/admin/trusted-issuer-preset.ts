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
 * Claims are those of their access tokens; of Google, which has none that are JWTs, the ID token's. A
 * client that acts for itself is a service, by what its user cannot have chosen.
 */
export const PRESETS: Readonly<Record<TrustedIssuerPresetName, TrustedIssuerPreset>> = {
  auth0: {
    algorithms: RS256,
    mapping: {
      subject: '/sub',
      // `permissions` are there when the API has RBAC on.
      scopes: [{ claim: '/scope' }, { claim: '/permissions' }],
      // The profile of RFC 9068 has no `gty`, but the same subject.
      type: {
        service_when: [
          { claim: '/gty', is: 'client-credentials' },
          { claim: '/sub', same_as: '/client_id', suffix: '@clients' },
        ],
      },
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
      // Of version 1, and of version 2.
      scopes: [{ claim: '/org_permissions' }, { transform: 'clerk_permissions' }],
      type: 'user',
    },
  },
  keycloak: {
    algorithms: RS256,
    mapping: {
      subject: '/sub',
      // Not those of clients: a role of one would be taken for that of another.
      scopes: [{ claim: '/scope' }, { claim: '/realm_access/roles' }],
      // Only the session of a service account has it, by either name.
      type: {
        service_when: [
          { claim: '/client_id', same_as: '/azp' },
          { claim: '/clientId', same_as: '/azp' },
        ],
      },
      name: '/preferred_username',
    },
  },
  okta: {
    algorithms: RS256,
    mapping: {
      // `sub` is a user's login, which somebody else may get one day; a client has no `uid`.
      subject: ['/uid', '/sub'],
      scopes: [{ claim: '/scp' }],
      type: { service_when: [{ claim: '/sub', same_as: '/cid' }] },
      name: '/sub',
    },
  },
  entra_id: {
    algorithms: RS256,
    mapping: {
      // `sub` differs from application to application.
      subject: '/oid',
      scopes: [{ claim: '/scp' }, { claim: '/roles' }],
      // `idtyp` is there only where it was asked for.
      type: {
        service_when: [
          { claim: '/idtyp', is: 'app' },
          { claim: '/sub', same_as: '/oid' },
        ],
      },
      name: ['/name', '/preferred_username'],
    },
  },
  google: {
    algorithms: RS256,
    target_audiences: [],
    mapping: {
      subject: '/sub',
      scopes: 'ceiling',
      // A user's token was made for a client; a service account is its own.
      type: {
        service_when: [
          { claim: '/azp', same_as: '/sub' },
          { claim: '/azp', same_as: '/email' },
        ],
      },
      name: ['/name', '/email'],
    },
  },
  cognito: {
    algorithms: RS256,
    // Access tokens have no `aud`.
    audience_claim: '/client_id',
    target_audiences: [],
    mapping: {
      subject: '/sub',
      scopes: [{ claim: '/scope' }, { claim: '/cognito:groups' }],
      type: { service_when: [{ claim: '/sub', same_as: '/client_id' }] },
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

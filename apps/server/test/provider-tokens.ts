import type { Principal, TrustedIssuerPresetName } from '@countersign/contracts';
import type { Claims } from './token-forge.js';

/** What the tokens are for, in the end. */
export const API = 'https://api.example.com';

/** A token as a provider documents it, what an operator configures for it, and whom it should stand for. */
export interface ProviderToken {
  readonly preset: TrustedIssuerPresetName;
  readonly what: string;
  readonly header?: Claims;
  /** But for `iss`, `iat`, `nbf` and `exp`; null: there is no such claim. */
  readonly claims: Claims;
  /** What the operator writes besides the preset. */
  readonly trust: { readonly audiences: readonly string[] } & Readonly<Record<string, unknown>>;
  /** External id of the principal to link; without one, a principal is created. */
  readonly linked?: string;
  /** The claim's value that stands for the organization. */
  readonly organization?: { readonly claim: string; readonly value: string };
  readonly subject: string;
  readonly principal: Pick<Principal, 'type' | 'name' | 'scopes' | 'metadata'>;
}

const READ = 'read:users';
const WRITE = 'write:users';
const CLIENT = 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja';
const UUID = 'f3b1a6a0-6f0c-4a39-9d63-0c0a4f7b9a11';
const APPLICATION = '6e74172b-be56-4843-9ff4-e66a39bb12e3';
const POOL_CLIENT = '1example23456789';
const EMAIL = 'ada@example.com';
const ROBOT = 'nightly@acme.iam.gserviceaccount.com';
const GOOGLE_CLIENT = '407408718192.apps.googleusercontent.com';

const auth0 = { preset: 'auth0', trust: { audiences: [API] } } as const;
const clerk = {
  preset: 'clerk',
  trust: {
    audiences: ['https://app.example.com'],
    scopes: ['org:invoices:read', 'org:users:manage', 'org:users:read'],
  },
  header: { cat: 'cl_B7d4PD111AAA' },
} as const;
const keycloak = {
  preset: 'keycloak',
  trust: {
    audiences: ['orders-api'],
    target_audiences: [API],
    mapping: { scopes: [{ claim: '/resource_access/orders-api/roles' }] },
  },
} as const;
const okta = { preset: 'okta', header: { typ: null }, trust: { audiences: [API] } } as const;
const entra = {
  preset: 'entra_id',
  trust: {
    audiences: [APPLICATION],
    target_audiences: [API],
    mapping: {
      scopes: [
        { claim: '/scp', map: { 'Users.Read': [READ] } },
        { claim: '/roles', map: { 'Users.Write.All': [WRITE] } },
      ],
    },
  },
} as const;
const google = { preset: 'google' } as const;
const cognito = {
  preset: 'cognito',
  trust: { audiences: [POOL_CLIENT] },
  header: { typ: null },
} as const;

/** The ceiling is `read:users` and `write:users` where they do not say another. */
export const PROVIDER_TOKENS: readonly ProviderToken[] = [
  {
    ...auth0,
    what: 'a user, of an API with RBAC',
    claims: {
      sub: 'auth0|6553da60a54af58e29493993',
      aud: [API, 'https://acme.eu.auth0.com/userinfo'],
      azp: CLIENT,
      scope: `openid profile email ${READ}`,
      permissions: [READ, WRITE],
      jti: null,
    },
    subject: 'auth0|6553da60a54af58e29493993',
    principal: user('auth0|6553da60a54af58e29493993', [READ, WRITE]),
  },
  {
    ...auth0,
    what: 'a client',
    claims: {
      sub: `${CLIENT}@clients`,
      aud: API,
      azp: CLIENT,
      scope: READ,
      gty: 'client-credentials',
      permissions: [READ],
      jti: null,
    },
    subject: `${CLIENT}@clients`,
    principal: machine(`${CLIENT}@clients`, [READ]),
  },
  {
    ...auth0,
    what: 'a client, by the profile of RFC 9068',
    header: { typ: 'at+jwt' },
    claims: { sub: `${CLIENT}@clients`, aud: API, client_id: CLIENT, scope: READ },
    subject: `${CLIENT}@clients`,
    principal: machine(`${CLIENT}@clients`, [READ]),
  },
  {
    ...auth0,
    what: 'a user of a database of one’s own, whose id looks like a client’s',
    header: { typ: 'at+jwt' },
    claims: { sub: 'auth0|ada@clients', aud: API, client_id: CLIENT, scope: READ },
    subject: 'auth0|ada@clients',
    principal: user('auth0|ada@clients', [READ]),
  },
  {
    ...clerk,
    what: 'a session of version 2',
    claims: {
      ...clerkSession(),
      v: 2,
      pla: 'o:pro',
      fea: 'o:invoices,o:users',
      o: { id: 'org_2abc', slg: 'acme', rol: 'admin', per: 'manage,read', fpm: '3,2' },
      sts: 'active',
    },
    organization: { claim: '/o/id', value: 'org_2abc' },
    subject: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    principal: user('user_2NNEqL2nrIRdJ194ndJqAHwEfxC', ['org:invoices:read', 'org:users:read']),
  },
  {
    ...clerk,
    what: 'a session of version 1',
    claims: {
      ...clerkSession(),
      org_id: 'org_2abc',
      org_slug: 'acme',
      org_role: 'org:admin',
      org_permissions: ['org:users:read'],
    },
    organization: { claim: '/org_id', value: 'org_2abc' },
    subject: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    principal: user('user_2NNEqL2nrIRdJ194ndJqAHwEfxC', ['org:users:read']),
  },
  {
    ...keycloak,
    what: 'a user, with the roles of a client that the operator names',
    claims: {
      ...keycloakSession(),
      aud: ['orders-api', 'account'],
      azp: 'web',
      name: 'Ada Lovelace',
      preferred_username: 'ada',
      email: EMAIL,
    },
    subject: UUID,
    principal: user('ada', [WRITE]),
  },
  {
    ...keycloak,
    what: 'a service account, with the roles of the realm',
    trust: { audiences: ['account'], target_audiences: [API] },
    claims: {
      ...keycloakSession(),
      aud: 'account',
      azp: 'nightly',
      client_id: 'nightly',
      clientHost: '192.0.2.7',
      clientAddress: '192.0.2.7',
      preferred_username: 'service-account-nightly',
    },
    subject: UUID,
    principal: machine('service-account-nightly', [READ]),
  },
  {
    ...keycloak,
    what: 'a service account of before client_id was called so',
    trust: { audiences: ['account'], target_audiences: [API] },
    claims: {
      ...keycloakSession(),
      aud: 'account',
      azp: 'nightly',
      clientId: 'nightly',
      preferred_username: 'service-account-nightly',
    },
    subject: UUID,
    principal: machine('service-account-nightly', [READ]),
  },
  {
    ...okta,
    what: 'a user',
    claims: {
      ver: 1,
      jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      sub: EMAIL,
      aud: API,
      cid: '0oabskvc6442nkvQO0h7',
      uid: '00u5t60iloOHN9pBi0h7',
      scp: ['offline_access', READ],
      auth_time: 1_790_000_000,
    },
    subject: '00u5t60iloOHN9pBi0h7',
    principal: user(EMAIL, [READ]),
  },
  {
    ...okta,
    what: 'a client',
    claims: {
      ver: 1,
      jti: 'AT.Hq7tgbjIbz3QY0JpN9a2Xx8xjJ3gWZ0mPq1b8sI7m0w',
      sub: '0oabskvc6442nkvQO0h7',
      aud: API,
      cid: '0oabskvc6442nkvQO0h7',
      scp: [READ],
    },
    subject: '0oabskvc6442nkvQO0h7',
    principal: machine('0oabskvc6442nkvQO0h7', [READ]),
  },
  {
    ...entra,
    what: 'a user',
    claims: {
      ...entraSession(),
      azpacr: '0',
      name: 'Ada Lovelace',
      preferred_username: EMAIL,
      scp: 'Users.Read profile',
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
    },
    subject: UUID,
    principal: user('Ada Lovelace', [READ]),
  },
  {
    ...entra,
    what: 'an application, with the optional claim idtyp',
    claims: {
      ...entraSession(),
      azpacr: '1',
      idtyp: 'app',
      roles: ['Users.Write.All'],
      sub: UUID,
    },
    subject: UUID,
    principal: machine(UUID, [WRITE]),
  },
  {
    ...entra,
    what: 'an application, as it is without',
    claims: { ...entraSession(), azpacr: '2', roles: ['Users.Write.All'], sub: UUID },
    subject: UUID,
    principal: machine(UUID, [WRITE]),
  },
  {
    ...google,
    what: 'the ID token of a user, who is linked by the verified address',
    trust: { audiences: [GOOGLE_CLIENT], mapping: { external_id: '/email' } },
    claims: {
      azp: GOOGLE_CLIENT,
      aud: GOOGLE_CLIENT,
      sub: '110169484474386276334',
      hd: 'example.com',
      email: EMAIL,
      email_verified: true,
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      name: 'Ada Lovelace',
      jti: null,
    },
    linked: EMAIL,
    subject: '110169484474386276334',
    principal: user('linked', [READ, WRITE]),
  },
  {
    ...google,
    what: 'a user who is created, with scopes of nothing',
    trust: {
      audiences: [GOOGLE_CLIENT],
      provisioning: 'create',
      mapping: { scopes: [] },
    },
    claims: { azp: GOOGLE_CLIENT, aud: GOOGLE_CLIENT, sub: '110169484474386276334', email: EMAIL },
    subject: '110169484474386276334',
    principal: user(EMAIL, []),
  },
  {
    ...google,
    what: 'a service account that asked the metadata server',
    trust: { audiences: [API], provisioning: 'create', mapping: { scopes: [] } },
    claims: {
      aud: API,
      azp: '103719483721931829370',
      email: ROBOT,
      email_verified: true,
      sub: '103719483721931829370',
      jti: null,
    },
    subject: '103719483721931829370',
    principal: machine(ROBOT, []),
  },
  {
    ...google,
    what: 'a service account that has signed its own request',
    trust: { audiences: [API], provisioning: 'create', mapping: { scopes: [] } },
    claims: { aud: API, azp: ROBOT, email: ROBOT, email_verified: true, sub: '1037194837' },
    subject: '1037194837',
    principal: machine(ROBOT, []),
  },
  {
    ...cognito,
    what: 'a user',
    claims: {
      sub: UUID,
      'cognito:groups': [WRITE],
      client_id: POOL_CLIENT,
      origin_jti: UUID,
      token_use: 'access',
      scope: `openid ${READ}`,
      auth_time: 1_790_000_000,
      username: 'ada',
      version: 2,
      aud: null,
    },
    subject: UUID,
    principal: user('ada', [READ, WRITE]),
  },
  {
    ...cognito,
    what: 'a client',
    trust: {
      audiences: [POOL_CLIENT],
      mapping: { scopes: [{ claim: '/scope', map: { 'https://api/read': [READ] } }] },
    },
    claims: {
      sub: POOL_CLIENT,
      token_use: 'access',
      scope: 'https://api/read',
      auth_time: 1_790_000_000,
      client_id: POOL_CLIENT,
      version: 2,
      aud: null,
    },
    subject: POOL_CLIENT,
    principal: machine(POOL_CLIENT, [READ]),
  },
  {
    preset: 'kubernetes',
    what: 'a service account that is linked',
    header: { typ: null },
    trust: { audiences: [API] },
    claims: serviceAccount(),
    linked: 'system:serviceaccount:jobs:nightly',
    subject: 'system:serviceaccount:jobs:nightly',
    principal: machine('linked', [READ, WRITE]),
  },
  {
    preset: 'kubernetes',
    what: 'a service account that is created',
    header: { typ: null },
    trust: { audiences: [API], provisioning: 'create', mapping: { scopes: [] } },
    claims: serviceAccount(),
    subject: 'system:serviceaccount:jobs:nightly',
    principal: {
      ...machine('system:serviceaccount:jobs:nightly', []),
      metadata: { namespace: 'jobs', service_account: 'nightly' },
    },
  },
];

function user(name: string, scopes: string[]): ProviderToken['principal'] {
  return { type: 'user', name, scopes, metadata: {} };
}

function machine(name: string, scopes: string[]): ProviderToken['principal'] {
  return { type: 'service', name, scopes, metadata: {} };
}

function clerkSession(): Claims {
  return {
    azp: 'https://app.example.com',
    fva: [7, -1],
    sid: 'sess_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    sub: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    aud: null,
    jti: null,
  };
}

function keycloakSession(): Claims {
  return {
    jti: `trrtcc:${UUID}`,
    sub: UUID,
    typ: 'Bearer',
    sid: UUID,
    acr: '1',
    'allowed-origins': ['https://app.example.com'],
    realm_access: { roles: ['offline_access', 'default-roles-acme', READ] },
    resource_access: {
      'orders-api': { roles: [WRITE] },
      account: { roles: ['manage-account', 'view-profile'] },
    },
    scope: 'openid email profile',
    email_verified: true,
  };
}

function entraSession(): Claims {
  return {
    aud: APPLICATION,
    azp: 'a1e1b2c3-0000-4000-8000-000000000001',
    oid: UUID,
    rh: '0.ARoAv4j5cvGGr0GRqy180BHbR',
    tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
    uti: 'fqiBqXLPj0eQa82S-IYFAA',
    ver: '2.0',
    jti: null,
  };
}

function serviceAccount(): Claims {
  return {
    aud: [API],
    sub: 'system:serviceaccount:jobs:nightly',
    'kubernetes.io': {
      namespace: 'jobs',
      node: { name: 'worker-1', uid: UUID },
      pod: { name: 'nightly-28', uid: UUID },
      serviceaccount: { name: 'nightly', uid: UUID },
      warnafter: 1_790_003_607,
    },
  };
}

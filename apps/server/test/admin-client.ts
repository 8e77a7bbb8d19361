import type {
  ApiKey,
  CreateApiKey,
  CreatePrincipal,
  CreateResourceServer,
  CreateTrustedIssuer,
  FederatedIdentity,
  IssuedApiKey,
  Organization,
  PatchApiKey,
  PatchPrincipal,
  PatchTrustedIssuer,
  PrincipalResource,
  ResourceServer,
  Role,
  SigningKey,
  TrustedIssuer,
} from '@countersign/contracts';
import { asApiKey, type HttpClient } from './http-client.js';

/** A key together with what is shown once. */
export interface NewKey extends IssuedApiKey {
  readonly key: string;
}

/** The admin API with an administrator's key: what a test arranges must work, or the test fails. */
export class AdminClient {
  constructor(
    private readonly http: HttpClient,
    private readonly adminKey: string,
  ) {}

  createOrganization(name = 'Acme'): Promise<Organization> {
    return this.#send('POST', '/v1/organizations', { name });
  }

  setOrganizationStatus(id: string, status: 'active' | 'disabled'): Promise<Organization> {
    return this.#send('PATCH', `/v1/organizations/${id}`, { status });
  }

  createPrincipal(principal: Partial<CreatePrincipal> = {}): Promise<PrincipalResource> {
    return this.#send('POST', '/v1/principals', { type: 'service', name: 'job', ...principal });
  }

  patchPrincipal(id: string, patch: PatchPrincipal): Promise<PrincipalResource> {
    return this.#send('PATCH', `/v1/principals/${id}`, patch);
  }

  issueKey(principalId: string, key: Partial<CreateApiKey> = {}): Promise<NewKey> {
    const body = { name: 'key', scopes: [], environment: 'live', ...key };
    return this.#send('POST', `/v1/principals/${principalId}/keys`, body);
  }

  /** A principal that is granted `scopes`, with a key for all of them. */
  async newKey(
    scopes: string[] = [],
    more: { principal?: Partial<CreatePrincipal>; key?: Partial<CreateApiKey> } = {},
  ): Promise<NewKey> {
    const principal = await this.createPrincipal({ scopes, ...more.principal });
    return this.issueKey(principal.id, { scopes, ...more.key });
  }

  readKey(id: string): Promise<ApiKey> {
    return this.#send('GET', `/v1/keys/${id}`);
  }

  patchKey(id: string, patch: PatchApiKey): Promise<ApiKey> {
    return this.#send('PATCH', `/v1/keys/${id}`, patch);
  }

  rotateKey(id: string, graceSeconds: number): Promise<NewKey> {
    return this.#send('POST', `/v1/keys/${id}/rotate`, { grace_seconds: graceSeconds });
  }

  revokeKey(id: string): Promise<ApiKey> {
    return this.#send('POST', `/v1/keys/${id}/revoke`, {});
  }

  deleteKey(id: string): Promise<void> {
    return this.#send('DELETE', `/v1/keys/${id}`);
  }

  createRole(name: string, scopes: string[]): Promise<Role> {
    return this.#send('POST', '/v1/roles', { name, scopes });
  }

  patchRole(id: string, scopes: string[]): Promise<Role> {
    return this.#send('PATCH', `/v1/roles/${id}`, { scopes });
  }

  createResourceServer(
    audience: string,
    more: Partial<CreateResourceServer> = {},
  ): Promise<ResourceServer> {
    return this.#send('POST', '/v1/resource-servers', {
      audience,
      name: audience,
      scopes: [],
      ...more,
    });
  }

  trustIssuer(issuer: string, more: Partial<CreateTrustedIssuer> = {}): Promise<TrustedIssuer> {
    return this.#send('POST', '/v1/trusted-issuers', {
      issuer,
      name: issuer,
      audiences: ['us'],
      algorithms: ['ES256'],
      scopes: [],
      ...more,
    });
  }

  patchTrustedIssuer(id: string, patch: PatchTrustedIssuer): Promise<TrustedIssuer> {
    return this.#send('PATCH', `/v1/trusted-issuers/${id}`, patch);
  }

  distrustIssuer(id: string): Promise<void> {
    return this.#send('DELETE', `/v1/trusted-issuers/${id}`);
  }

  async identitiesOf(trustedIssuerId: string): Promise<FederatedIdentity[]> {
    const path = `/v1/federated-identities?trusted_issuer_id=${trustedIssuerId}`;
    return (await this.#send<{ data: FederatedIdentity[] }>('GET', path)).data;
  }

  /** The one identity that there must be. */
  async onlyIdentityOf(trustedIssuerId: string): Promise<FederatedIdentity> {
    const [identity, ...more] = await this.identitiesOf(trustedIssuerId);
    if (identity === undefined || more.length > 0) throw new Error('not exactly one identity');
    return identity;
  }

  setIdentityStatus(id: string, status: 'active' | 'disabled'): Promise<FederatedIdentity> {
    return this.#send('PATCH', `/v1/federated-identities/${id}`, { status });
  }

  deleteIdentity(id: string): Promise<void> {
    return this.#send('DELETE', `/v1/federated-identities/${id}`);
  }

  deletePrincipal(id: string): Promise<void> {
    return this.#send('DELETE', `/v1/principals/${id}`);
  }

  async signingKeys(): Promise<SigningKey[]> {
    return (await this.#send<{ data: SigningKey[] }>('GET', '/v1/signing-keys')).data;
  }

  compromiseSigningKey(kid: string): Promise<SigningKey> {
    return this.#send('POST', `/v1/signing-keys/${kid}/compromise`, {});
  }

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = asApiKey(this.adminKey);
    const answer =
      body === undefined
        ? await this.http.call(path, { method, headers })
        : await this.http.json(method, path, body, headers);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    }
    return (answer.text === '' ? undefined : answer.json) as T;
  }
}

import type { Subject } from '../history/credential.js';
import type { Taking } from '../history/operation.js';
import type { Taken } from '../schedule/step.js';
import { PRINCIPAL_SCOPES, ROLE_SCOPES } from '../schedule/world.js';
import type { Estate } from './estate.js';
import { keyScopes } from './issue-key.js';
import type { ServiceRequest } from './service-caller.js';

/** What is sent to take something, and what it takes. */
export interface TakingRequest {
  readonly from: Subject;
  readonly scopes: Taking['scopes'];
  readonly request: ServiceRequest;
}

/**
 * How to take something, by the names that a schedule uses.
 * @param kid of the key that signs access tokens now
 * @returns undefined for what was never made
 */
export function toTake(taken: Taken, estate: Estate, kid: string): TakingRequest | undefined {
  switch (taken.take) {
    case 'revoke-key':
    case 'delete-key':
    case 'disable-key':
    case 'revoke-key-by-itself':
    case 'rotate-key':
    case 'narrow-key':
      return fromKey(taken, estate);
    case 'revoke-token': {
      const token = estate.secrets.get(taken.token);
      return token === undefined
        ? undefined
        : everything(`token:${taken.token}`, { path: '/revoke', form: { token } });
    }
    case 'revoke-family': {
      const token = estate.families.get(taken.family);
      return token === undefined
        ? undefined
        : everything(`family:${taken.family}`, { path: '/revoke', form: { token } });
    }
    case 'disable-principal':
    case 'delete-principal':
    case 'narrow-principal':
    case 'drop-roles':
      return fromPrincipal(taken, estate);
    case 'disable-organization': {
      const id = estate.organizations.get(taken.organization);
      const request = patch(`/v1/organizations/${id}`, { status: 'disabled' });
      return everything(`organization:${taken.organization}`, request);
    }
    case 'narrow-role': {
      const scopes = without(ROLE_SCOPES, taken.scope);
      const request = patch(`/v1/roles/${estate.roles.get(taken.role)}`, { scopes });
      return { from: `role:${taken.role}`, scopes: [taken.scope], request };
    }
    case 'compromise-signing-key':
      return everything(`kid:${kid}`, post(`/v1/signing-keys/${kid}/compromise`));
  }
}

function fromKey(
  taken: Extract<Taken, { key: string }>,
  estate: Estate,
): TakingRequest | undefined {
  const key = estate.keys.get(taken.key);
  if (key === undefined) return undefined;
  const from = `key:${taken.key}` as const;
  const path = `/v1/keys/${key.id}`;
  const secret = estate.secrets.get(key.newestVersion) ?? '';
  switch (taken.take) {
    case 'revoke-key':
      return everything(from, post(`${path}/revoke`));
    case 'delete-key':
      return everything(from, { method: 'DELETE', path });
    case 'disable-key':
      return everything(from, patch(path, { status: 'disabled' }));
    case 'revoke-key-by-itself':
      return everything(from, { path: '/revoke', form: { token: secret }, by: secret });
    case 'rotate-key': {
      const request = post(`${path}/rotate`, { grace_seconds: taken.graceSeconds });
      return everything(`version:${key.newestVersion}`, request);
    }
    case 'narrow-key': {
      const { role = null } = estate.principals.get(key.principal) ?? {};
      const scopes = without(keyScopes(role), taken.scope);
      return { from, scopes: [taken.scope], request: patch(path, { scopes }) };
    }
  }
}

function fromPrincipal(
  taken: Extract<Taken, { principal: string }>,
  estate: Estate,
): TakingRequest | undefined {
  const principal = estate.principals.get(taken.principal);
  if (principal === undefined) return undefined;
  const from = `principal:${taken.principal}` as const;
  const path = `/v1/principals/${principal.id}`;
  switch (taken.take) {
    case 'disable-principal':
      return everything(from, patch(path, { status: 'disabled' }));
    case 'delete-principal':
      return everything(from, { method: 'DELETE', path });
    case 'narrow-principal': {
      const request = patch(path, { scopes: without(PRINCIPAL_SCOPES, taken.scope) });
      return { from, scopes: [taken.scope], request };
    }
    case 'drop-roles':
      return { from, scopes: ROLE_SCOPES, request: patch(path, { roles: [] }) };
  }
}

function everything(from: Subject, request: ServiceRequest): TakingRequest {
  return { from, scopes: 'all', request };
}

function post(path: string, json: object = {}): ServiceRequest {
  return { path, json };
}

function patch(path: string, json: object): ServiceRequest {
  return { method: 'PATCH', path, json };
}

function without(scopes: readonly string[], scope: string): string[] {
  return scopes.filter((each) => each !== scope);
}

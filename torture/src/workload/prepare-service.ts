import { z } from 'zod';
import { PRINCIPAL_SCOPES, ROLE_SCOPES, type World } from '../schedule/world.js';
import type { HistoryWriter } from '../history/history.js';
import { AUDIENCES, LIFETIME_SECONDS } from './audiences.js';
import { Estate } from './estate.js';
import { issueFamily } from './issue-family.js';
import { issueKey } from './issue-key.js';
import { issueToken } from './issue-token.js';
import type { ServiceCaller } from './service-caller.js';

const resource = z.object({ id: z.string() });
const backendKey = z.object({ key: z.string() });
const BACKEND_SCOPES = [
  'countersign:introspect',
  'countersign:introspect:any',
  'countersign:revocations:read',
];

/** Makes what all seeds share: the APIs. @returns the API key of the backends that verify locally */
export async function prepareService(caller: ServiceCaller): Promise<string> {
  for (const lifetime of ['long', 'short'] as const) {
    await made(caller, 0, '/v1/resource-servers', {
      audience: AUDIENCES[lifetime],
      name: lifetime,
      scopes: [...PRINCIPAL_SCOPES, ...ROLE_SCOPES],
      access_token_ttl_seconds: LIFETIME_SECONDS[lifetime],
      refresh_tokens: { idle_ttl_seconds: 3_600, absolute_ttl_seconds: 3_600 },
    });
  }
  const principal = { type: 'service', name: 'backend', scopes: BACKEND_SCOPES };
  const { id } = resource.parse(await made(caller, 0, '/v1/principals', principal));
  const key = { name: 'backend', scopes: BACKEND_SCOPES, environment: 'live' };
  return backendKey.parse(await made(caller, 0, `/v1/principals/${id}/keys`, key)).key;
}

/**
 * Makes a world anew; nothing is broken yet, so that everything must work.
 * @param suffix tells its roles from those of earlier worlds: names are for the whole service
 */
export async function prepareWorld(
  caller: ServiceCaller,
  world: World,
  suffix: string,
  history: HistoryWriter,
): Promise<Estate> {
  const estate = new Estate(world);
  let turn = 0;
  const next = () => (turn += 1) % caller.replicas;
  const make = async (path: string, body: object) =>
    resource.parse(await made(caller, next(), path, body)).id;
  for (const name of world.organizations) {
    estate.organizations.set(name, await make('/v1/organizations', { name }));
  }
  for (const name of world.roles) {
    const body = { name: name + suffix, scopes: ROLE_SCOPES };
    estate.roles.set(name, await make('/v1/roles', body));
  }
  for (const { name, organization, role } of world.principals) {
    const id = await make('/v1/principals', {
      ...{ type: 'service', name, scopes: PRINCIPAL_SCOPES },
      roles: role === null ? [] : [role + suffix],
      organization_id: organization === null ? null : estate.organizations.get(organization),
    });
    estate.principals.set(name, { id, organization, role });
  }
  for (const key of world.keys) {
    await must(`a key ${key.name}`, issueKey(caller, estate, history, key, next()));
  }
  for (const token of world.tokens) {
    await must(`a token ${token.name}`, issueToken(caller, estate, history, token, next()));
  }
  for (const family of world.families) {
    await must(`a family ${family.name}`, issueFamily(caller, estate, history, family, next()));
  }
  return estate;
}

async function made(
  caller: ServiceCaller,
  replica: number,
  path: string,
  json: object,
): Promise<unknown> {
  const { status, text } = await caller.change(replica, { path, json });
  if (status !== 201) throw new Error(`POST ${path} answered ${status}: ${text}`);
  return JSON.parse(text);
}

async function must(what: string, done: Promise<boolean>): Promise<void> {
  if (!(await done)) throw new Error(`${what} could not be made`);
}

import { z } from 'zod';
import type { HistoryWriter } from '../history/history.js';
import { PRINCIPAL_SCOPES, ROLE_SCOPES } from '../schedule/world.js';
import type { Estate } from './estate.js';
import type { ServiceCaller } from './service-caller.js';

const issuedKey = z.object({ id: z.string(), key: z.string(), scopes: z.array(z.string()) });

/** What a key of the principal may do. */
export function keyScopes(role: string | null): readonly string[] {
  return role === null ? PRINCIPAL_SCOPES : [...PRINCIPAL_SCOPES, ...ROLE_SCOPES];
}

/** Issues a key; one that may or may not have been issued is nobody's. @returns whether it was */
export async function issueKey(
  caller: ServiceCaller,
  estate: Estate,
  history: HistoryWriter,
  { name, principal: principalName }: { readonly name: string; readonly principal: string },
  replica: number,
): Promise<boolean> {
  const principal = estate.principals.get(principalName);
  if (principal === undefined) return false;
  const scopes = keyScopes(principal.role);
  const path = `/v1/principals/${principal.id}/keys`;
  const json = { name, scopes, environment: 'live' };
  const answer = await caller.change(replica, { path, json });
  if (answer.status !== 201) return false;
  const { id, key } = issuedKey.parse(JSON.parse(answer.text));
  const version = `${name}.1`;
  estate.keys.set(name, { id, principal: principalName, newestVersion: version });
  const { startMs, endMs } = answer;
  const credential = {
    ...{ name: version, kind: 'api_key' as const, scopes, startMs, endMs, expiresAtMs: null },
    subjects: estate.subjectsOf(name, version),
  };
  estate.add(credential, key);
  history.credentials.push(credential);
  return true;
}

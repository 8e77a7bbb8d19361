import { z } from 'zod';
import type { HistoryWriter } from '../history/history.js';
import type { WorldFamily } from '../schedule/world.js';
import { AUDIENCES } from './audiences.js';
import type { Estate } from './estate.js';
import { keepToken } from './keep-token.js';
import type { ServiceCaller } from './service-caller.js';

const issued = z.object({ refresh_token: z.string() });

/**
 * Exchanges a key for a refresh token, and uses that: two access tokens come of the family, each of which
 * falls with it. @returns whether there were both
 */
export async function issueFamily(
  caller: ServiceCaller,
  estate: Estate,
  history: HistoryWriter,
  { name, key }: WorldFamily,
  replica: number,
): Promise<boolean> {
  const version = estate.keys.get(key)?.newestVersion ?? '';
  const presented = estate.credentials.get(version);
  const secret = estate.secrets.get(version);
  if (presented === undefined || secret === undefined) return false;
  const hangsOn = [...presented.subjects, `family:${name}`] as const;
  let form: Readonly<Record<string, string>> = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: secret,
    subject_token_type: 'urn:countersign:token-type:api-key',
    audience: AUDIENCES.long,
  };
  for (const member of [`${name}.1`, `${name}.2`]) {
    const answer = await caller.ask(replica, { path: '/token', by: secret, form });
    if (answer.status !== 200) return false;
    keepToken(estate, history, member, hangsOn, answer);
    const { refresh_token } = issued.parse(JSON.parse(answer.text));
    form = { grant_type: 'refresh_token', refresh_token };
    estate.families.set(name, refresh_token);
  }
  return true;
}

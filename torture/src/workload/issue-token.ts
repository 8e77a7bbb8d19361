import { z } from 'zod';
import type { HistoryWriter } from '../history/history.js';
import type { TokenLifetime } from '../schedule/world.js';
import { AUDIENCES } from './audiences.js';
import type { Estate } from './estate.js';
import { readToken } from './read-answer.js';
import type { ServiceCaller } from './service-caller.js';

const issuedToken = z.object({ access_token: z.string(), scope: z.string() });
const header = z.object({ kid: z.string() });
const claims = z.object({ exp: z.number() });

/**
 * Exchanges a key for an access token. To present a key there is a use of it, too, so that it is a
 * part of the history as such. @returns whether there was a token
 */
export async function issueToken(
  caller: ServiceCaller,
  estate: Estate,
  history: HistoryWriter,
  wanted: { readonly name: string; readonly key: string; readonly lifetime: TokenLifetime },
  replica: number,
): Promise<boolean> {
  const version = estate.keys.get(wanted.key)?.newestVersion ?? '';
  const key = estate.credentials.get(version);
  const secret = estate.secrets.get(version);
  if (key === undefined || secret === undefined || estate.cold.has(version)) return false;
  const form = { grant_type: 'client_credentials', audience: AUDIENCES[wanted.lifetime] };
  const answer = await caller.ask(replica, { path: '/token', by: secret, form });
  const { startMs, endMs } = answer;
  const asked = { road: 'token', replica } as const;
  const final = false;
  history.asks.push({ asked, credential: version, startMs, endMs, final, ...readToken(answer) });
  if (answer.status !== 200) return false;
  const { access_token: token, scope } = issuedToken.parse(JSON.parse(answer.text));
  const [kid, exp] = [part(token, 0, header).kid, part(token, 1, claims).exp];
  const credential = {
    ...{ name: wanted.name, kind: 'access_token' as const, startMs, endMs },
    subjects: [...key.subjects, `token:${wanted.name}`, `kid:${kid}`] as const,
    scopes: scope.split(' '),
    expiresAtMs: exp * 1000 - Date.now() + performance.now(),
  };
  estate.add(credential, token);
  history.credentials.push(credential);
  return true;
}

function part<T>(token: string, index: number, schema: z.ZodType<T>): T {
  const text = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8');
  return schema.parse(JSON.parse(text));
}

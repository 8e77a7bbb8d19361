import type { HistoryWriter } from '../history/history.js';
import type { WorldToken } from '../schedule/world.js';
import { AUDIENCES } from './audiences.js';
import type { Estate } from './estate.js';
import { keepToken } from './keep-token.js';
import { readToken } from './read-answer.js';
import type { ServiceCaller } from './service-caller.js';

const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
};

/**
 * Exchanges a key, or another token, for an access token. To present it there is a use of it, too, so that
 * it is a part of the history as such. @returns whether there was a token
 */
export async function issueToken(
  caller: ServiceCaller,
  estate: Estate,
  history: HistoryWriter,
  wanted: WorldToken,
  replica: number,
): Promise<boolean> {
  const from = wanted.from ?? estate.keys.get(wanted.key)?.newestVersion ?? '';
  const presented = estate.credentials.get(from);
  const secret = estate.secrets.get(from);
  if (presented === undefined || secret === undefined || estate.cold.has(from)) return false;
  const audience = AUDIENCES[wanted.lifetime];
  const request =
    presented.kind === 'api_key'
      ? { by: secret, form: { grant_type: 'client_credentials', audience } }
      : { form: { ...EXCHANGE, subject_token: secret, audience } };
  const answer = await caller.ask(replica, { path: '/token', ...request });
  const { startMs, endMs } = answer;
  const asked = { road: 'token', replica } as const;
  const final = false;
  history.asks.push({ asked, credential: from, startMs, endMs, final, ...readToken(answer) });
  if (answer.status !== 200) return false;
  keepToken(estate, history, wanted.name, presented.subjects, answer);
  return true;
}

import { z } from 'zod';
import type { HttpAnswer } from '../network/http-call.js';
import type { Subject } from '../history/credential.js';
import type { HistoryWriter } from '../history/history.js';
import type { Estate } from './estate.js';

const issuedToken = z.object({ access_token: z.string(), scope: z.string() });
const header = z.object({ kid: z.string() });
const claims = z.object({ exp: z.number() });

/** An access token that an answer holds becomes one of the credentials that are asked about. */
export function keepToken(
  estate: Estate,
  history: HistoryWriter,
  name: string,
  hangsOn: readonly Subject[],
  { text, startMs, endMs }: HttpAnswer,
): void {
  const { access_token: token, scope } = issuedToken.parse(JSON.parse(text));
  const [kid, exp] = [part(token, 0, header).kid, part(token, 1, claims).exp];
  const credential = {
    ...{ name, kind: 'access_token' as const, startMs, endMs },
    subjects: [...hangsOn, `token:${name}`, `kid:${kid}`] as const,
    scopes: scope.split(' '),
    expiresAtMs: exp * 1000 - Date.now() + performance.now(),
  };
  estate.add(credential, token);
  history.credentials.push(credential);
}

function part<T>(token: string, index: number, schema: z.ZodType<T>): T {
  const text = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8');
  return schema.parse(JSON.parse(text));
}

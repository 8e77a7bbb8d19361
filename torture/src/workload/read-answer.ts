import { z } from 'zod';
import { type Propagation, propagation } from '@countersign/contracts';
import type { HttpAnswer } from '../network/http-call.js';
import type { Ask, Taking } from '../history/operation.js';

const DETAIL_CHARS = 200;

/** What an answer says of a credential, as far as it says anything. */
export type Verdict = Pick<Ask, 'outcome' | 'scopes' | 'detail'>;

const introspected = z.object({ active: z.boolean(), scope: z.string().optional() });
const shown = z.object({ scopes: z.array(z.string()) });
const decided = z.object({ allowed: z.boolean(), code: z.string(), principal: shown.nullable() });
const issued = z.object({ access_token: z.string() });
const taken = z.object({ propagation });

/** Of `/introspect`. A caller that is turned away has nothing to do with the credential. */
export function readIntrospection({ status, text }: HttpAnswer): Verdict {
  if (status !== 200) return unavailable(status, text);
  const { active, scope = '' } = introspected.parse(JSON.parse(text));
  const detail = active ? 'active' : 'inactive';
  return active ? { outcome: 'accepted', scopes: split(scope), detail } : refused(detail);
}

/** Of `/whoami`. */
export function readWhoami({ status, text }: HttpAnswer): Verdict {
  if (status === 401) return refused(`401 ${text.slice(0, DETAIL_CHARS)}`);
  if (status !== 200) return unavailable(status, text);
  const { scopes } = shown.parse(JSON.parse(text));
  return { outcome: 'accepted', scopes, detail: '200' };
}

/** Of `/v1/verify`. */
export function readDecision({ status, text }: HttpAnswer): Verdict {
  if (status !== 200) return unavailable(status, text);
  const { allowed, code, principal } = decided.parse(JSON.parse(text));
  if (code === 'unavailable') return unavailable(status, code);
  if (!allowed) return refused(code);
  return { outcome: 'accepted', detail: code, ...(principal && { scopes: principal.scopes }) };
}

/** Of `/forward-auth`. */
export function readForwardAuth({ status, text }: HttpAnswer): Verdict {
  if (status === 200) return { outcome: 'accepted', detail: '200' };
  return status === 401 || status === 403 ? refused(`${status}`) : unavailable(status, text);
}

/** Of `/token`, to which the credential is presented. */
export function readToken({ status, text }: HttpAnswer): Verdict {
  if (status === 200) {
    issued.parse(JSON.parse(text));
    return { outcome: 'accepted', detail: '200' };
  }
  return status === 400 || status === 401
    ? refused(`${status} ${text.slice(0, DETAIL_CHARS)}`)
    : unavailable(status, text);
}

/** Of a change that takes something away. */
export function readTaking({
  status,
  text,
}: HttpAnswer): Pick<Taking, 'outcome' | 'boundMs' | 'detail'> {
  const detail = `${status ?? 'no answer'} ${text.slice(0, DETAIL_CHARS)}`;
  if (status === null) return { outcome: 'unknown', detail };
  const told = taken.safeParse(parsed(text));
  if (told.success) return readPropagation(status, told.data.propagation);
  if (status < 300 && status !== 202) return { outcome: 'confirmed', detail };
  return { outcome: status >= 500 || status === 202 ? 'unknown' : 'failed', detail };
}

function readPropagation(status: number, told: Propagation): ReturnType<typeof readTaking> {
  const { confirmed, bound_ms: boundMs } = told;
  const detail = `${status} ${JSON.stringify(told)}`;
  if (confirmed) return { outcome: 'confirmed', detail };
  return { outcome: 'unconfirmed', detail, ...(boundMs !== undefined && { boundMs }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function split(scope: string): string[] {
  return scope === '' ? [] : scope.split(' ');
}

function refused(detail: string): Verdict {
  return { outcome: 'refused', detail };
}

/** Also what the service should never answer: that is seen outside of faults. */
function unavailable(status: number | null, text: string): Verdict {
  return {
    outcome: 'unavailable',
    detail: `${status ?? 'no answer'} ${text.slice(0, DETAIL_CHARS)}`,
  };
}

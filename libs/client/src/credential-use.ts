import type { PresentedBinding, RequestContext } from '@countersign/verify';
import type { Clock } from './clock.js';
import { type Moment, momentOf } from './moment.js';

/** One use of a credential: what was presented, and all that decides about it besides. */
export interface CredentialUse {
  readonly credential: string;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly context: RequestContext;
  readonly certificateThumbprint: string | undefined;
  /** What was proven about keys; undefined: nothing. */
  readonly binding: PresentedBinding | undefined;
  readonly scopes: readonly string[];
  readonly now: Moment;
}

/** The same use after a wait: what may be said of it is what holds now, not what held before. */
export function usedNow(use: CredentialUse, clock: Clock): CredentialUse {
  return { ...use, now: momentOf(clock) };
}

const NO_SCOPES: readonly string[] = [];

/** Scopes as options have them: one, or all of a list. */
export function scopesOf(scopes: string | readonly string[] | undefined): readonly string[] {
  if (scopes === undefined) return NO_SCOPES;
  return typeof scopes === 'string' ? [scopes] : scopes;
}

/** Whether all that are needed are held; compared exactly. */
export function holdsAll(held: readonly string[], needed: readonly string[]): boolean {
  for (const scope of needed) if (!held.includes(scope)) return false;
  return true;
}

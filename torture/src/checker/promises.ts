import type { IssuedCredential } from '../history/credential.js';
import type { Taking } from '../history/operation.js';

/** How far the promises reach; all in milliseconds. */
export interface Promises {
  /** After a confirmed revocation, until a local verifier must have heard of it. */
  readonly verifierStalenessMs: number;
  /** After a fault, until answers must come again. */
  readonly recoveryMs: number;
  /** By how much two readings of one machine's wall clock and a rounding to seconds may differ. */
  readonly clockSlackMs: number;
}

export function hits(taking: Taking, credential: IssuedCredential): boolean {
  return credential.subjects.includes(taking.from);
}

/** From when on no replica may honour what was taken; Infinity: nobody promised. */
export function bindsFromMs(taking: Taking): number {
  const { outcome, endMs, boundMs = Infinity, effectiveAtMs = -Infinity } = taking;
  if (outcome === 'confirmed') return Math.max(endMs, effectiveAtMs);
  if (outcome === 'unconfirmed') return Math.max(endMs + boundMs, effectiveAtMs);
  return Infinity;
}

/** From when on what was taken may be missing; Infinity: it did not happen. */
export function mayHoldFromMs(taking: Taking, { clockSlackMs }: Promises): number {
  const { outcome, startMs, effectiveAtMs = -Infinity } = taking;
  if (outcome === 'failed') return Infinity;
  return Math.max(startMs, effectiveAtMs - clockSlackMs);
}

/** Whether the answer told that it happened. */
export function isAcknowledged({ outcome }: Taking): boolean {
  return outcome === 'confirmed' || outcome === 'unconfirmed';
}

/** Whether an acceptance with these scopes honours what was taken. */
export function honours(scopes: readonly string[] | undefined, taking: Taking): boolean {
  if (taking.scopes === 'all') return true;
  const taken = taking.scopes;
  return scopes?.some((scope) => taken.includes(scope)) ?? false;
}

import { type Restrictions, TOKEN_TYPES } from '@countersign/contracts';
import {
  ACCEPTED,
  type Accepted,
  checkBinding,
  checkRestrictions,
  checkToken,
  type Rejection,
  type RequestContext,
  rejected,
} from '@countersign/verify';
import type { RequestBinding } from '../binding/request-binding.js';
import type { VerifiedAccessToken } from '../state/verified-access-token.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import type { RevokedTokens } from '../tokens/revoked-tokens.js';
import { keyStanding } from './key-standing.js';

// Replicas sign with clocks of their own: a token may seem to come from a moment ahead.
const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * `use`: all of a credential's restrictions hold. `exchange`: only where it comes from counts; what
 * is exchanged for it bears the rest, which speak of the API that it will be used at. `revocation`:
 * a credential can be revoked from anywhere.
 */
export type RestrictionsPurpose = 'use' | 'exchange' | 'revocation';

/** For what, and in which circumstances, a credential is used. */
export interface DecisionContext {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The audience that the credential must be good for; undefined: the caller sees to it. */
  readonly audience: string | undefined;
  /** The request that it is used for, as far as it is known. */
  readonly request: RequestContext | undefined;
  readonly purpose: RestrictionsPurpose;
  /**
   * What the request has proven about keys, by `BindingVerifier`; absent: nothing, and a token that
   * is bound to a key is refused. `unchecked`: whoever is told the `cnf` asks for the proof.
   */
  readonly binding?: RequestBinding | 'unchecked' | undefined;
}

/**
 * Decides whether a verified credential may be used now. Everything is evaluated at every use, also
 * of a credential that memory knows: status, expiry, revocation, audience, binding, restrictions.
 */
export function decide(
  credential: VerifiedCredential,
  context: DecisionContext,
  revokedTokens: RevokedTokens,
): Accepted | Rejection {
  if (credential.kind === 'access_token') return decideToken(credential, context, revokedTokens);
  return decideKey(credential, context);
}

function decideKey({ state }: VerifiedApiKey, context: DecisionContext): Accepted | Rejection {
  const standing = keyStanding(state, context.nowMs);
  if (!standing.ok) return standing;
  const { audience } = context;
  if (audience !== undefined && state.audiences.length > 0 && !state.audiences.includes(audience)) {
    return rejected('wrong_audience');
  }
  const proven = checkBinding(undefined, context.binding);
  return proven.ok ? checkRelevant(state.restrictions, context) : proven;
}

/** A token falls with the key that it was derived from, and keeps within that key's restrictions. */
function decideToken(
  { token, root, audiences }: VerifiedAccessToken,
  context: DecisionContext,
  revokedTokens: RevokedTokens,
): Accepted | Rejection {
  if (revokedTokens.has(token.claims.jti)) return rejected('credential_revoked');
  const inItself = checkToken(token, {
    types: TOKEN_TYPES,
    audience: context.audience === undefined ? 'any' : [context.audience],
    nowSeconds: context.nowMs / 1000,
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    expiryToleranceSeconds: 0,
    context: 'any',
    binding: context.binding,
  });
  if (!inItself.ok) return inItself;
  // A key that has been restricted to other audiences since takes its tokens along.
  if (!isWithin(audiences, root.audiences)) return rejected('wrong_audience');
  const standing = keyStanding(root.state, context.nowMs);
  if (!standing.ok) return standing;
  // Those that the key had when the token was issued, and those that it has now.
  const atIssue = checkRelevant(token.claims.restrictions, context);
  return atIssue.ok ? checkRelevant(root.state.restrictions, context) : atIssue;
}

/** Checks what counts of a credential's restrictions for the purpose at hand. */
function checkRelevant(
  restrictions: Restrictions | null | undefined,
  { purpose, request }: DecisionContext,
): Accepted | Rejection {
  if (!restrictions || purpose === 'revocation') return ACCEPTED;
  return checkRestrictions(purpose === 'exchange' ? onlyIps(restrictions) : restrictions, request);
}

function onlyIps({ ips }: Restrictions): Restrictions {
  return ips === undefined ? {} : { ips };
}

/** Whether a key with these audiences (empty: no restriction) is good for all of the token's. */
function isWithin(ofToken: readonly string[], ofKey: readonly string[]): boolean {
  return ofKey.length === 0 || ofToken.every((audience) => ofKey.includes(audience));
}

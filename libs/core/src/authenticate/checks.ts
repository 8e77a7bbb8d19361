import {
  type CheckName,
  type RejectionCode,
  type Restrictions,
  TOKEN_TYPES,
} from '@countersign/contracts';
import {
  type Accepted,
  checkRestriction,
  type Rejection,
  type RestrictionKind,
  TOKEN_CHECKS,
} from '@countersign/verify';
import type { KeyState } from '../state/key-state.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { scopesAtAudience } from '../tokens/scopes-at-audience.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { KEY_RULES } from './key-standing.js';
import { satisfiesScopes } from './satisfies-scopes.js';

// Replicas sign with clocks of their own: a token may seem to come from a moment ahead.
const CLOCK_TOLERANCE_SECONDS = 5;

/** One thing that is checked at every use of a verified credential. */
export interface Check {
  readonly name: CheckName;
  /** Why the credential fails it; undefined: it passes. */
  readonly failure: CheckFunction;
}

type CheckFunction = (
  credential: VerifiedCredential,
  context: DecisionContext,
  memory: DecisionMemory,
) => RejectionCode | undefined;

/**
 * Every check, the gravest first. A decision stops at the first that fails; whoever wants to know
 * about all goes through the list. A token falls with the key that it was derived from.
 */
export const CHECKS: readonly Check[] = [
  { name: 'revocation', failure: revocation },
  { name: 'expiry', failure: expiry },
  { name: 'not_before', failure: notBefore },
  { name: 'type', failure: type },
  { name: 'status', failure: ofKey(KEY_RULES.status) },
  { name: 'principal', failure: ofKey(KEY_RULES.principal) },
  { name: 'organization', failure: ofKey(KEY_RULES.organization) },
  { name: 'root_audience', failure: rootAudience },
  { name: 'audience', failure: audience },
  { name: 'ip', failure: restriction('ip') },
  { name: 'method', failure: restriction('method') },
  { name: 'path', failure: restriction('path') },
  { name: 'scopes', failure: scopes },
];

function revocation(
  credential: VerifiedCredential,
  _context: DecisionContext,
  { revokedTokens }: DecisionMemory,
): RejectionCode | undefined {
  if (credential.kind === 'access_token' && revokedTokens.has(credential.token.claims.jti)) {
    return 'credential_revoked';
  }
  return KEY_RULES.revocation(stateOf(credential));
}

function expiry(credential: VerifiedCredential, { nowMs }: DecisionContext) {
  if (credential.kind === 'access_token') {
    const code = codeOf(TOKEN_CHECKS.expiry(credential.token, nowMs / 1000, 0));
    if (code !== undefined) return code;
  }
  return KEY_RULES.expiry(stateOf(credential), nowMs);
}

function notBefore(credential: VerifiedCredential, { nowMs }: DecisionContext) {
  if (credential.kind !== 'access_token') return undefined;
  return codeOf(TOKEN_CHECKS.notBefore(credential.token, nowMs / 1000, CLOCK_TOLERANCE_SECONDS));
}

function type(credential: VerifiedCredential) {
  if (credential.kind !== 'access_token') return undefined;
  return codeOf(TOKEN_CHECKS.type(credential.token, TOKEN_TYPES));
}

function ofKey(rule: (state: KeyState) => RejectionCode | undefined): CheckFunction {
  return (credential) => rule(stateOf(credential));
}

/** A key that has been restricted to other audiences since takes its tokens along. */
function rootAudience(credential: VerifiedCredential): RejectionCode | undefined {
  if (credential.kind !== 'access_token') return undefined;
  const { audiences } = credential.root;
  const isWithin =
    audiences.length === 0 || credential.audiences.every((one) => audiences.includes(one));
  return isWithin ? undefined : 'wrong_audience';
}

function audience(
  { kind, audiences }: VerifiedCredential,
  { audience: asked }: DecisionContext,
): RejectionCode | undefined {
  if (asked === undefined || audiences.includes(asked)) return undefined;
  // A key without audiences is good for any; a token always names its own.
  return kind === 'api_key' && audiences.length === 0 ? undefined : 'wrong_audience';
}

/** Those that a token was issued with count, and those that its key has now. */
function restriction(kind: RestrictionKind): CheckFunction {
  return (credential, context) => {
    if (credential.kind === 'access_token') {
      const atIssue = restrictionFailure(kind, credential.token.claims.restrictions, context);
      if (atIssue !== undefined) return atIssue;
    }
    return restrictionFailure(kind, stateOf(credential).restrictions, context);
  };
}

/** Checks what counts of a credential's restrictions for the purpose at hand. */
function restrictionFailure(
  kind: RestrictionKind,
  restrictions: Restrictions | null | undefined,
  { purpose, request }: DecisionContext,
): RejectionCode | undefined {
  if (!restrictions || purpose === 'revocation') return undefined;
  if (purpose === 'exchange' && kind !== 'ip') return undefined;
  return codeOf(checkRestriction(kind, restrictions, request));
}

function scopes(
  credential: VerifiedCredential,
  { requiredScopes, audience: asked }: DecisionContext,
  { issuer, resourceServers }: DecisionMemory,
): RejectionCode | undefined {
  if (requiredScopes === undefined) return undefined;
  const effective = scopesAtAudience(credential, asked, resourceServers, issuer);
  const isSatisfied = satisfiesScopes(requiredScopes, (scope) => effective.includes(scope));
  return isSatisfied ? undefined : 'insufficient_scope';
}

function stateOf(credential: VerifiedCredential): KeyState {
  return credential.kind === 'api_key' ? credential.state : credential.root.state;
}

function codeOf(checked: Accepted | Rejection): RejectionCode | undefined {
  return checked.ok ? undefined : checked.code;
}

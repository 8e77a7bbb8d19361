import {
  type CheckName,
  type RejectionCode,
  type Restrictions,
  TOKEN_TYPES,
} from '@countersign/contracts';
import {
  type Accepted,
  checkFederatedExpiry,
  checkFederatedStart,
  checkRestriction,
  type Rejection,
  type RestrictionKind,
  TOKEN_CHECKS,
} from '@countersign/verify';
import type { CredentialState } from '../state/credential-state.js';
import type { RootCredential } from '../state/root-credential.js';
import { rootOf } from '../state/root-of.js';
import type { VerifiedCredential } from '../state/verified-credential.js';
import { scopesAtAudience } from '../tokens/scopes-at-audience.js';
import { bindingFailure } from './binding-failure.js';
import type { DecisionContext, DecisionMemory } from './decision-context.js';
import { isOfCurrentTrust } from './is-of-current-trust.js';
import { mayAct } from './may-act.js';
import { ROOT_RULES } from './root-standing.js';
import { satisfiesScopes } from './satisfies-scopes.js';

// Replicas sign with clocks of their own: a token may seem to come from a moment ahead.
const CLOCK_TOLERANCE_SECONDS = 5;

/** What can be decided on: a credential, or what others were derived from. */
export type Decidable = VerifiedCredential | RootCredential;

/** One thing that is checked at every use of a verified credential. */
export interface Check {
  readonly name: CheckName;
  /**
   * Whether a credential can ever fail it, whenever and for whatever it is used; absent: any can. Asked
   * once for each state, so that only what never changes with it counts.
   */
  readonly isPossible?: (credential: Decidable) => boolean;
  /** Why the credential fails it; undefined: it passes. */
  readonly failure: CheckFunction;
}

type CheckFunction = (
  credential: Decidable,
  context: DecisionContext,
  memory: DecisionMemory,
) => RejectionCode | undefined;

/**
 * Every check, the gravest first. A decision stops at the first that fails; whoever wants to know
 * about all goes through the list. A token falls with what it was derived from.
 */
export const CHECKS: readonly Check[] = [
  { name: 'revocation', failure: revocation, isPossible: hasTokenOrIsRevoked },
  { name: 'expiry', failure: expiry },
  { name: 'not_before', failure: notBefore, isPossible: hasToken },
  ofState('type', type),
  ofState('status', ofRoot(ROOT_RULES.status)),
  ofState('principal', ofRoot(ROOT_RULES.principal)),
  ofState('organization', ofRoot(ROOT_RULES.organization)),
  { name: 'actor', failure: actor, isPossible: hasActor },
  ofState('root_audience', rootAudience),
  { name: 'audience', failure: audience, isPossible: hasAudiences },
  { name: 'binding', failure: bindingFailure },
  { name: 'ip', failure: restriction('ip'), isPossible: isRestricted },
  { name: 'method', failure: restriction('method'), isPossible: isRestricted },
  { name: 'path', failure: restriction('path'), isPossible: isRestricted },
  { name: 'scopes', failure: scopes },
];

type StateRule = (credential: Decidable) => RejectionCode | undefined;

/** A check of nothing but the state: it is failed at each use, or at none. */
function ofState(name: CheckName, failure: StateRule): Check {
  return { name, failure, isPossible: (credential) => failure(credential) !== undefined };
}

function revocation(
  credential: Decidable,
  _context: DecisionContext,
  { revocations }: DecisionMemory,
): RejectionCode | undefined {
  const tokenId = tokenIdOf(credential);
  if (tokenId !== undefined && revocations.has(tokenId)) return 'credential_revoked';
  if (credential.kind === 'access_token') {
    const { root, token } = credential;
    const { derived_from: ancestors, pos = 0 } = token.claims;
    if (ancestors?.some((id) => revocations.has(id))) return 'credential_revoked';
    if (!isOfCurrentTrust(root.state, pos)) return 'credential_revoked';
  }
  return ROOT_RULES.revocation(stateOf(credential));
}

function hasTokenOrIsRevoked(credential: Decidable): boolean {
  return hasToken(credential) || ROOT_RULES.revocation(stateOf(credential)) !== undefined;
}

function hasToken({ kind }: Decidable): boolean {
  return kind === 'access_token' || kind === 'federated_token';
}

function expiry(credential: Decidable, { nowMs }: DecisionContext) {
  const code = tokenExpiry(credential, nowMs / 1000);
  return code ?? ROOT_RULES.expiry(stateOf(credential), nowMs);
}

function tokenExpiry(credential: Decidable, nowSeconds: number): RejectionCode | undefined {
  switch (credential.kind) {
    case 'access_token':
      return codeOf(TOKEN_CHECKS.expiry(credential.token, nowSeconds, 0));
    case 'federated_token': {
      const { token } = credential;
      return codeOf(checkFederatedExpiry(token, nowSeconds, token.expiryLeewaySeconds));
    }
    default:
      return undefined;
  }
}

function notBefore(credential: Decidable, { nowMs }: DecisionContext) {
  const nowSeconds = nowMs / 1000;
  switch (credential.kind) {
    case 'access_token':
      return codeOf(TOKEN_CHECKS.notBefore(credential.token, nowSeconds, CLOCK_TOLERANCE_SECONDS));
    case 'federated_token':
      return codeOf(checkFederatedStart(credential.token, nowSeconds));
    default:
      return undefined;
  }
}

function type(credential: Decidable) {
  if (credential.kind !== 'access_token') return undefined;
  return codeOf(TOKEN_CHECKS.type(credential.token, TOKEN_TYPES));
}

function ofRoot(rule: (state: CredentialState) => RejectionCode | undefined): StateRule {
  return (credential) => rule(stateOf(credential));
}

/**
 * Each actor must be permitted now, also those that acted before: a token falls with what it was
 * derived from. Whose access it is, is the subject's all the same.
 * @see RFC 8693 §4.1
 */
function actor(credential: Decidable, { nowMs }: DecisionContext): RejectionCode | undefined {
  if (credential.kind !== 'access_token') return undefined;
  const { token, root, actorRoots } = credential;
  let claim = token.claims.act;
  for (let index = 0; claim !== undefined; index += 1) {
    const actorRoot = actorRoots[index];
    if (actorRoot?.state.principalId !== claim.sub) return 'actor_not_permitted';
    if (!mayAct(actorRoot, root, nowMs)) return 'actor_not_permitted';
    if (!isOfCurrentTrust(actorRoot.state, token.claims.pos ?? 0)) return 'actor_not_permitted';
    claim = claim.act;
  }
  return undefined;
}

function hasActor(credential: Decidable): boolean {
  return credential.kind === 'access_token' && credential.token.claims.act !== undefined;
}

/** A key that has been restricted to other audiences since takes its tokens along; an actor's too. */
function rootAudience(credential: Decidable): RejectionCode | undefined {
  if (credential.kind !== 'access_token') return undefined;
  const { root, actorRoots, audiences } = credential;
  const isWithin = ({ audiences: allowed }: RootCredential) =>
    allowed.length === 0 || audiences.every((one) => allowed.includes(one));
  return isWithin(root) && actorRoots.every(isWithin) ? undefined : 'wrong_audience';
}

function audience(
  { kind, audiences }: Decidable,
  { audience: asked }: DecisionContext,
): RejectionCode | undefined {
  if (asked === undefined || audiences.includes(asked)) return undefined;
  // Without audiences it is good for any; a token of ours always names its own.
  return kind !== 'access_token' && audiences.length === 0 ? undefined : 'wrong_audience';
}

function hasAudiences({ kind, audiences }: Decidable): boolean {
  return kind === 'access_token' || audiences.length > 0;
}

/** Those that a token was issued with count, and those that its key has now, and its actors' keys. */
function restriction(kind: RestrictionKind): CheckFunction {
  return (credential, context) => {
    if (credential.kind === 'access_token') {
      const atIssue = restrictionFailure(kind, credential.token.claims.restrictions, context);
      if (atIssue !== undefined) return atIssue;
      for (const { restrictions } of credential.actorRoots) {
        const ofActor = restrictionFailure(kind, restrictions, context);
        if (ofActor !== undefined) return ofActor;
      }
    }
    return restrictionFailure(kind, rootOf(credential).restrictions, context);
  };
}

function isRestricted(credential: Decidable): boolean {
  if (rootOf(credential).restrictions) return true;
  if (credential.kind !== 'access_token') return false;
  const { token, actorRoots } = credential;
  return Boolean(token.claims.restrictions) || actorRoots.some(({ restrictions }) => restrictions);
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
  credential: Decidable,
  { requiredScopes, audience: asked }: DecisionContext,
  { issuer, resourceServers }: DecisionMemory,
): RejectionCode | undefined {
  if (requiredScopes === undefined) return undefined;
  const effective = scopesAtAudience(credential, asked, resourceServers, issuer);
  const isSatisfied = satisfiesScopes(requiredScopes, (scope) => effective.includes(scope));
  return isSatisfied ? undefined : 'insufficient_scope';
}

function tokenIdOf(credential: Decidable): string | undefined {
  switch (credential.kind) {
    case 'access_token':
      return credential.token.claims.jti;
    case 'federated_token':
      return credential.token.revocationId;
    default:
      return undefined;
  }
}

function stateOf(credential: Decidable): CredentialState {
  return rootOf(credential).state;
}

function codeOf(checked: Accepted | Rejection): RejectionCode | undefined {
  return checked.ok ? undefined : checked.code;
}

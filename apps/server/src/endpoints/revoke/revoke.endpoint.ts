import type { ServerResponse } from 'node:http';
import { type Propagation, revocationRequest, revocationResponse } from '@countersign/contracts';
import {
  Authenticator,
  type GenuineRefreshToken,
  isDeadForGood,
  RefreshTokenMinter,
  rootOf,
  type VerifiedCredential,
} from '@countersign/core';
import { PrincipalEntity } from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { ChangeRunner } from '../../admin/change-runner.js';
import { revokeKey } from '../../admin/keys/revoke-key.js';
import { answerFailure } from '../../data-plane/answer-failure.js';
import { CallerAuthentication, requireCaller } from '../../data-plane/authenticate-caller.js';
import { answerAsciiJson, toAsciiJson } from '../../data-plane/answer-ascii-json.js';
import type { DataPlaneRoute, FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import {
  PREFER_HEADER,
  PREFERENCE_APPLIED_HEADER,
  preferredWaitSeconds,
} from '../../http/preferred-wait.js';
import { ProblemException } from '../../http/problem.js';
import { actorOf, type RequestContext } from '../../http/request-context.js';
import { REQUEST_ID_HEADER } from '../../observability/request-id.js';
import { lockRefreshTokens, revokeRefreshTokens } from '../token/refresh-token.store.js';
import { mayRevoke, ownerOf } from './may-revoke.js';
import { revokeToken } from './revoke-token.js';

const REASON = { reason: 'revoked at /revoke' };

/**
 * `POST /revoke`: authenticate the caller → verify the credential → revoke it → confirm that no replica
 * accepts it. What is genuine is revoked also where it is inactive: what is disabled today may be enabled
 * tomorrow. A refresh token takes its family along. What is dead for good needs no revoking, but the
 * confirming all the same: an earlier revocation may not have been confirmed.
 * @see RFC 7009 §2
 */
@Injectable()
export class RevokeEndpoint implements DataPlaneRoute {
  readonly path = '/revoke';
  readonly access = { kind: 'client' } as const;
  readonly operation = {
    id: 'revokeToken',
    summary: 'Revoke a key, a JWT or a refresh token',
    specification: 'RFC 7009, token revocation',
    request: revocationRequest,
    response: revocationResponse,
    heedsWait: true,
  };

  constructor(
    private readonly callers: CallerAuthentication,
    private readonly authenticator: Authenticator,
    private readonly minter: RefreshTokenMinter,
    private readonly changes: ChangeRunner,
  ) {}

  async handle(request: FormRequest, response: ServerResponse): Promise<void> {
    const nowMs = Date.now();
    const caller = requireCaller(await this.callers.authenticate(request, nowMs, 'use'));
    request.body.one('token_type_hint');
    const token = request.body.one('token');
    if (token === undefined) throw new OAuthFailure('invalid_request', 'token is missing or empty');

    const refreshToken = this.minter.read(token);
    const context = requestContext(caller, request);
    const propagation =
      refreshToken === undefined
        ? await this.#revokeIfGenuine(token, caller, context, nowMs)
        : await this.#revokeFamily(refreshToken, caller, context);
    const waitSeconds = context.preferredWaitSeconds;
    if (waitSeconds !== null) {
      response.setHeader(PREFERENCE_APPLIED_HEADER, `wait=${waitSeconds}`);
    }
    if (!propagation.confirmed) {
      answerFailure(request, response, unconfirmed(propagation));
      return;
    }
    // RFC 7009 §2.2: an invalid token is no error, since it cannot be used anyway.
    answerAsciiJson(response, toAsciiJson({ propagation }), [REQUEST_ID_HEADER, request.id]);
  }

  async #revokeIfGenuine(
    token: string,
    caller: VerifiedCredential,
    context: RequestContext,
    nowMs: number,
  ): Promise<Propagation> {
    const { verified, failures } = await this.authenticator.examine(token, {
      nowMs,
      audience: undefined,
      request: undefined,
      purpose: 'revocation',
      // Whoever found a token, without its key, does well to revoke it.
      binding: 'unchecked',
    });
    if (!verified.ok || isDeadForGood(verified, nowMs)) return this.changes.confirmAll(context);
    if (mayRevoke(caller, ownerOf(verified))) return this.#revoke(verified, context);
    // That there is such a credential, though inactive, is told to nobody whom it does not belong to.
    if (failures.length > 0) return this.changes.confirmAll(context);
    throw notItsOwn();
  }

  async #revokeFamily(
    presented: GenuineRefreshToken,
    caller: VerifiedCredential,
    context: RequestContext,
  ): Promise<Propagation> {
    return this.changes.revoke(context, async (tx) => {
      const family = await lockRefreshTokens(tx, presented);
      if (family === null || family.revokedAt !== null) return;
      const { principalId } = family;
      const { organizationId } = await tx.manager.findOneByOrFail(PrincipalEntity, {
        id: principalId,
      });
      if (!mayRevoke(caller, { principalId, organizationId })) throw notItsOwn();
      await revokeRefreshTokens(tx, family, 'refresh_token.revoked', organizationId);
    });
  }

  async #revoke(credential: VerifiedCredential, context: RequestContext): Promise<Propagation> {
    return this.changes.revoke(context, async (tx) => {
      if (credential.kind !== 'api_key') await revokeToken(tx, credential);
      else await revokeKey(tx, context.caller, credential.state.keyId, REASON).catch(unlessDeleted);
    });
  }
}

/** A key that was deleted elsewhere, which memory has yet to learn, leaves nothing to revoke. */
function unlessDeleted(error: unknown): void {
  if (!(error instanceof ProblemException) || error.code !== 'not_found') throw error;
}

function notItsOwn(): OAuthFailure {
  return new OAuthFailure('unauthorized_client', 'the token was not issued to this client');
}

/** @see RFC 7009 §2.2.1: the client must assume that the token still exists */
function unconfirmed(propagation: Propagation): OAuthFailure {
  const boundSeconds = Math.ceil((propagation.bound_ms ?? 0) / 1000);
  return new OAuthFailure(
    'temporarily_unavailable',
    'revoked, but a replica may still accept it; try again to have it confirmed',
    { retryAfterSeconds: Math.max(1, boundSeconds), propagation },
  );
}

/** The request as the use cases of the admin API know it. */
function requestContext(credential: VerifiedCredential, request: FormRequest): RequestContext {
  const { principal } = credential;
  const { state } = rootOf(credential);
  const caller = { principal, keyState: state };
  const actor = actorOf(caller, request);
  const patience = preferredWaitSeconds(request.headers[PREFER_HEADER]);
  return { caller, actor, idempotent: null, preferredWaitSeconds: patience };
}

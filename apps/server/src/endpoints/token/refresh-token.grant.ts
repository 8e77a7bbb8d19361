import type { TokenRequest } from '@countersign/contracts';
import {
  AccessTokenIssuer,
  Authenticator,
  BindingVerifier,
  type GenuineRefreshToken,
  isOfCurrentTrust,
  type IssuedAccessToken,
  RefreshTokenMinter,
  type RequestBinding,
  type RootCredential,
  type VerifiedCredential,
} from '@countersign/core';
import {
  type ChangeTransaction,
  RefreshTokenEntity,
  withDatabaseFailures,
} from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChangeRunner } from '../../admin/change-runner.js';
import { proofRefused } from '../../data-plane/proof-refused.js';
import { ClientCertificates } from '../../client-certificates/client-certificates.js';
import { CallerAuthentication } from '../../data-plane/authenticate-caller.js';
import type { FormRequest } from '../../data-plane/data-plane-route.js';
import { HttpRequestContext } from '../../data-plane/http-request-context.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';
import { userAgentOf } from '../../http/request-context.js';
import { authenticatedClient } from './authenticated-client.js';
import {
  lockRefreshTokens,
  refreshTokenStanding,
  revokeRefreshTokens,
} from './refresh-token.store.js';
import { TokenBinding } from './token-binding.js';
import { newestOf } from './refresh-tokens.js';
import type { RequestStart } from './request-start.js';
import { requestedAudience } from './requested-audience.js';

/** What a refresh yields: another access token, and the refresh token that takes the old one's place. */
export interface Refreshed {
  readonly issued: IssuedAccessToken;
  readonly refreshToken: string;
}

/** A refresh token that is being used. */
interface RefreshTokenUse {
  readonly presented: GenuineRefreshToken;
  readonly client: VerifiedCredential | undefined;
  readonly binding: RequestBinding;
  readonly request: FormRequest;
  readonly asked: TokenRequest;
  readonly start: RequestStart;
}

/**
 * A refresh token, exchanged for an access token that can do no more than the first one, and for the
 * next refresh token. Presented a second time it ends the whole family.
 * @see RFC 6749 §6, RFC 9700 §4.14.2
 */
@Injectable()
export class RefreshTokenGrant {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly authenticator: Authenticator,
    private readonly tokens: AccessTokenIssuer,
    private readonly minter: RefreshTokenMinter,
    private readonly dataSource: DataSource,
    private readonly changes: ChangeRunner,
    private readonly bindings: BindingVerifier,
    private readonly tokenBinding: TokenBinding,
    private readonly certificates: ClientCertificates,
  ) {}

  /**
   * @throws {OAuthFailure} `invalid_grant` for whatever is wrong with the refresh token
   * @throws {DependencyUnavailable}
   */
  async refresh(
    request: FormRequest,
    asked: TokenRequest,
    binding: RequestBinding,
    start: RequestStart,
  ): Promise<Refreshed> {
    const { nowMs } = start;
    const client = await authenticatedClient(this.callers, request, nowMs);
    if (asked.refresh_token === undefined) {
      throw new OAuthFailure('invalid_request', 'refresh_token is missing');
    }
    const presented = this.minter.read(asked.refresh_token);
    if (presented === undefined) throw invalidGrant();
    const { familyId } = presented;
    const family = await withDatabaseFailures(() =>
      this.dataSource.manager.findOneBy(RefreshTokenEntity, { familyId }),
    );
    if (family === null) throw invalidGrant();
    const use = { presented, client, binding, request, asked, start };
    const subject = await this.#subject(family, request, nowMs);
    if (subject !== undefined && !binding.spend()) {
      throw proofRefused(this.bindings.refuseReplay(nowMs), 'token endpoint');
    }
    // Before the transaction: to issue a token may take a connection, and the transaction holds one.
    const issued = subject && (await this.#issueIfGood(family, subject, use));
    const author = { actor: actorOf(presented, request) };
    const organizationId = subject?.principal.organization ?? null;
    const refreshed = await this.changes.runQuietly(author, (tx) =>
      this.#rotate(tx, use, issued, organizationId),
    );
    if (refreshed === undefined) throw invalidGrant();
    return refreshed;
  }

  /** What the family is derived from, if it may still be exchanged. */
  async #subject(
    family: RefreshTokenEntity,
    request: FormRequest,
    nowMs: number,
  ): Promise<RootCredential | undefined> {
    const outcome = await this.authenticator.reauthenticate(family.rootId, {
      nowMs,
      audience: undefined,
      request: new HttpRequestContext(request),
      purpose: 'exchange',
      certificateThumbprint: this.certificates.ofSender(request)?.thumbprint,
    });
    if (!outcome.ok) return undefined;
    // A refresh makes nothing newer: what the family came of is what was said at its beginning.
    return isOfCurrentTrust(outcome.root.state, Number(family.feedPosition))
      ? outcome.root
      : undefined;
  }

  /** Issued only where it seems that it will be handed out; whether it is, the transaction tells. */
  async #issueIfGood(
    family: RefreshTokenEntity,
    subject: RootCredential,
    use: RefreshTokenUse,
  ): Promise<IssuedAccessToken | undefined> {
    const standing = refreshTokenStanding(family, use.presented, new Date(use.start.nowMs));
    if (standing !== 'good' || !isForHolder(family, use)) return undefined;
    return this.#issue(family, subject, use);
  }

  /** Undefined: it is refused, and what had to be done about it is done. */
  async #rotate(
    tx: ChangeTransaction,
    use: RefreshTokenUse,
    issued: IssuedAccessToken | undefined,
    organizationId: string | null,
  ): Promise<Refreshed | undefined> {
    const { presented, start } = use;
    const { nowMs } = start;
    const family = await lockRefreshTokens(tx, presented);
    if (family === null) return undefined;
    const standing = refreshTokenStanding(family, presented, new Date(nowMs));
    if (standing === 'reused') {
      await revokeRefreshTokens(tx, family, 'refresh_token.reused', organizationId);
    }
    if (standing !== 'good' || !isForHolder(family, use)) return undefined;
    if (!issued?.refreshTokens) return undefined;
    const minted = this.minter.mint(family.familyId);
    await tx.manager.update(
      RefreshTokenEntity,
      { familyId: family.familyId },
      {
        ...newestOf(minted, issued, issued.refreshTokens, family.absoluteExpiresAt, nowMs),
        accessTokenExpiresAt: laterOf(
          family.accessTokenExpiresAt,
          new Date(issued.expiresAt * 1000),
        ),
        lastUsedAt: new Date(nowMs),
      },
    );
    return { issued, refreshToken: minted.refreshToken };
  }

  async #issue(
    family: RefreshTokenEntity,
    subject: RootCredential,
    { asked, client, binding, request, start }: RefreshTokenUse,
  ): Promise<IssuedAccessToken> {
    const requested = requestedAudience(asked);
    if (!requested.every((audience) => family.audience.includes(audience))) {
      // RFC 8707 §2.2: a subset of what was granted.
      throw new OAuthFailure('invalid_target', 'the refresh token is not good for this audience');
    }
    const issued = await this.tokens.issue({
      subject,
      scope: asked.scope,
      audience: requested.length > 0 ? requested : family.audience,
      grantedScopes: family.scopes,
      refreshFamilyId: () => family.familyId,
      confirmation: this.tokenBinding.confirmation(request, binding, { subject, client }),
      ...start,
    });
    if (!issued.ok) throw new OAuthFailure(issued.error, issued.detail);
    return issued;
  }
}

/**
 * Whether who uses a refresh token is the client that it was issued to, or holds the key that stands
 * for one.
 * @see RFC 6749 §6, RFC 9449 §5
 */
function isForHolder(
  { clientKeyId, jkt }: RefreshTokenEntity,
  { client, binding }: RefreshTokenUse,
): boolean {
  if (jkt !== null && binding.jkt !== jkt) return false;
  if (clientKeyId === null) return true;
  return client?.kind === 'api_key' && client.state.keyId === clientKeyId;
}

function laterOf(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function invalidGrant(): OAuthFailure {
  return new OAuthFailure('invalid_grant', 'the refresh token is not valid');
}

/** Whoever holds the token; nobody else is known. */
function actorOf({ familyId }: GenuineRefreshToken, request: FormRequest) {
  return {
    principalId: null,
    credentialType: 'refresh_token',
    credentialId: familyId,
    sourceIp: request.ip ?? null,
    userAgent: userAgentOf(request),
    requestId: request.id,
  };
}

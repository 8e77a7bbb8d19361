import {
  cnfOf,
  type IssuedAccessToken,
  type MintedRefreshToken,
  RefreshTokenMinter,
  type RefreshTokenPolicy,
  type RequestBinding,
  rootOf,
  type VerifiedCredential,
} from '@countersign/core';
import { RefreshTokenEntity, withDatabaseFailures } from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { RequestStart } from './request-start.js';

/** Who asks for a refresh token, as far as it is known. */
export interface RefreshTokenHolder {
  /** Who authenticated as the client: nobody else may use it then. */
  readonly client: VerifiedCredential | undefined;
  /** The key that was proven to be held: of a client that did not authenticate it is the proof. */
  readonly binding: RequestBinding;
}

/** Hands out the first refresh token of a family. */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly minter: RefreshTokenMinter,
  ) {}

  /**
   * A refresh token beside an access token that was just issued, where its whole audience allows it;
   * undefined where not. A JWT of ours gets none: it would outlive what it was made of. Nor does a token that
   * is bound to keys: what it is exchanged for later would be good without them.
   * @param holder who may use the refresh token then
   * @throws {DependencyUnavailable}
   */
  async begin(
    subject: VerifiedCredential,
    { client, binding }: RefreshTokenHolder,
    issued: IssuedAccessToken,
    { nowMs, feedPosition }: RequestStart,
  ): Promise<string | undefined> {
    const { refreshTokens: policy } = issued;
    if (policy === null || subject.kind === 'access_token') return undefined;
    if (cnfOf(subject) !== undefined) return undefined;
    const root = rootOf(subject);
    const minted = this.minter.mint();
    const absoluteExpiresAt = new Date(nowMs + policy.absoluteTtlSeconds * 1000);
    await withDatabaseFailures(() =>
      this.dataSource.manager.insert(RefreshTokenEntity, {
        familyId: minted.familyId,
        rootId: root.id,
        principalId: root.state.principalId,
        // RFC 9449 §5: that of a client which authenticates is bound by its authentication.
        jkt: client === undefined ? (binding.jkt ?? null) : null,
        clientKeyId: client?.kind === 'api_key' ? client.state.keyId : null,
        audience: [...issued.audience],
        scopes: [...issued.scopes],
        feedPosition: String(feedPosition),
        createdAt: new Date(nowMs),
        lastUsedAt: null,
        absoluteExpiresAt,
        revokedAt: null,
        revokedReason: null,
        ...newestOf(minted, issued, policy, absoluteExpiresAt, nowMs),
      }),
    );
    return minted.refreshToken;
  }
}

/** What changes of a family's row each time that a token of it is handed out. */
export function newestOf(
  { secretHash }: MintedRefreshToken,
  { jti, expiresAt }: IssuedAccessToken,
  { idleTtlSeconds }: RefreshTokenPolicy,
  absoluteExpiresAt: Date,
  nowMs: number,
) {
  const idleEndMs = Math.min(nowMs + idleTtlSeconds * 1000, absoluteExpiresAt.getTime());
  return {
    secretHash,
    idleExpiresAt: new Date(idleEndMs),
    accessTokenJti: jti,
    accessTokenExpiresAt: new Date(expiresAt * 1000),
  };
}

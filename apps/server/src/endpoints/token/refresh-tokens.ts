import {
  type IssuedAccessToken,
  type MintedRefreshToken,
  RefreshTokenMinter,
  type RefreshTokenPolicy,
  rootOf,
  type VerifiedCredential,
} from '@countersign/core';
import { RefreshTokenEntity, withDatabaseFailures } from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Hands out the first refresh token of a family. */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly minter: RefreshTokenMinter,
  ) {}

  /**
   * A refresh token beside an access token that was just issued, where its whole audience allows it;
   * undefined where not. A JWT of ours gets none: it would outlive what it was made of.
   * @param client whoever authenticated as the client; only it may use the refresh token then
   * @throws {DependencyUnavailable}
   */
  async begin(
    subject: VerifiedCredential,
    client: VerifiedCredential | undefined,
    issued: IssuedAccessToken,
    nowMs: number,
  ): Promise<string | undefined> {
    const { refreshTokens: policy } = issued;
    if (policy === null || subject.kind === 'access_token') return undefined;
    const root = rootOf(subject);
    const minted = this.minter.mint();
    const absoluteExpiresAt = new Date(nowMs + policy.absoluteTtlSeconds * 1000);
    await withDatabaseFailures(() =>
      this.dataSource.manager.insert(RefreshTokenEntity, {
        familyId: minted.familyId,
        rootId: root.id,
        principalId: root.state.principalId,
        clientKeyId: client?.kind === 'api_key' ? client.state.keyId : null,
        audience: [...issued.audience],
        scopes: [...issued.scopes],
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

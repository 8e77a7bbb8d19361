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

/** A refresh token that is perhaps handed out: the same one however often it is asked for. */
export type NewRefreshToken = () => MintedRefreshToken;

/** Hands out the first refresh token of a family. */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly minter: RefreshTokenMinter,
  ) {}

  /**
   * The first refresh token that a subject may get beside its access token, which names the family. It is
   * made when it is first asked for. Undefined: it gets none. So it is with a JWT of ours, which it would
   * outlive, and with a token that is bound to keys: what it is exchanged for later would be good without
   * them.
   */
  prepare(subject: VerifiedCredential): NewRefreshToken | undefined {
    if (subject.kind === 'access_token' || cnfOf(subject) !== undefined) return undefined;
    let minted: MintedRefreshToken | undefined;
    return () => (minted ??= this.minter.mint());
  }

  /**
   * The refresh token, once the access token beside it is issued; undefined where that one's audience allows
   * none.
   * @param holder who may use the refresh token then
   * @throws {DependencyUnavailable}
   */
  async begin(
    prepared: NewRefreshToken | undefined,
    subject: VerifiedCredential,
    { client, binding }: RefreshTokenHolder,
    issued: IssuedAccessToken,
    { nowMs, feedPosition }: RequestStart,
  ): Promise<string | undefined> {
    const { refreshTokens: policy } = issued;
    if (policy === null || prepared === undefined) return undefined;
    const root = rootOf(subject);
    const minted = prepared();
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
        accessTokenExpiresAt: new Date(issued.expiresAt * 1000),
        ...newestOf(minted, issued, policy, absoluteExpiresAt, nowMs),
      }),
    );
    return minted.refreshToken;
  }
}

/** What changes of a family's row each time that a token of it is handed out. */
export function newestOf(
  { secretHash }: MintedRefreshToken,
  { jti }: IssuedAccessToken,
  { idleTtlSeconds }: RefreshTokenPolicy,
  absoluteExpiresAt: Date,
  nowMs: number,
) {
  const idleEndMs = Math.min(nowMs + idleTtlSeconds * 1000, absoluteExpiresAt.getTime());
  return {
    secretHash,
    idleExpiresAt: new Date(idleEndMs),
    accessTokenJti: jti,
  };
}

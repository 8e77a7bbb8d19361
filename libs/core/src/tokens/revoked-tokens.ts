import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';

export interface RevokedToken {
  readonly jti: string;
  readonly expiresAt: Date;
}

/** Reads every revoked token that has not expired. */
export type LoadRevokedTokens = () => Promise<readonly RevokedToken[]>;

/** The ids of revoked access tokens in memory, until the tokens would have expired anyway. */
export class RevokedTokens implements ChangeSink {
  #expiries = new Map<string, number>();

  constructor(private readonly loadRevokedTokens: LoadRevokedTokens) {}

  get size(): number {
    return this.#expiries.size;
  }

  has(jti: string): boolean {
    return this.#expiries.has(jti);
  }

  apply({ kind, subject, expiresAt }: Change): void {
    if (kind === 'revoked_token') this.#expiries.set(subject, expiresAt?.getTime() ?? Infinity);
  }

  async reset(): Promise<void> {
    const revoked = await this.loadRevokedTokens();
    this.#expiries = new Map(revoked.map(({ jti, expiresAt }) => [jti, expiresAt.getTime()]));
  }

  /** Drops what has expired `marginMs` ago: by then no clock takes the token for valid. */
  prune(nowMs: number, marginMs: number): void {
    for (const [jti, expiresAtMs] of this.#expiries) {
      if (expiresAtMs + marginMs < nowMs) this.#expiries.delete(jti);
    }
  }
}

import type { RevocationEntry } from '@countersign/contracts';
import type { Clock } from '../clock.js';
import type { ServiceConnection } from '../service/service-connection.js';
import type { FeedEvent } from '../verifier-hooks.js';

/** What is to be done with what the feed says. */
export interface RevocationSink {
  /**
   * All that comes from now on, and all that was told since the last reset, is what the feed knows of
   * this organization and of what concerns all; null: of everything.
   */
  coverIs(organization: string | null): void;
  /** In order; some may be told again. */
  apply(entries: readonly RevocationEntry[]): void;
  /**
   * Whether something that was told, and is not over, is held no more: all has to be told again.
   * @param nowSeconds NumericDate
   */
  isIncomplete(nowSeconds: number): boolean;
  /** All that was told before is void. */
  reset(): void;
}

export interface RevocationFeedParts {
  readonly service: ServiceConnection;
  readonly issuer: string;
  /** Leaves out what cannot hit a token for it; undefined: everything is wanted. */
  readonly audience: string | undefined;
  /** Age up to which the feed counts as fresh. */
  readonly limitMs: number;
  readonly clock: Clock;
  readonly sink: RevocationSink;
  readonly onEvent: (event: FeedEvent) => void;
  readonly onCallerRefused: (status: number) => void;
}

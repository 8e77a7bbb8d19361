import { ACCESS_TOKEN_TTL_MAX_SECONDS } from '@countersign/contracts';

/** How long keys are trusted, and how often they are asked for. */
export interface KeySetTimes {
  /** Age past which a set is fetched anew before it is used. Default 600. */
  readonly maxAgeSeconds: number;
  /** Age past which a use of the set starts to fetch a newer one beside. Default: the maximum age. */
  readonly refreshAgeSeconds?: number | undefined;
  /** After a fetch, an unknown `kid` leads to no other for this long. Default 30. */
  readonly cooldownSeconds: number;
  /** After a fetch that failed, nothing leads to another for this long. Default 1. */
  readonly retrySeconds: number;
  /**
   * Age up to which a set goes on being used, for the keys in it, while no newer can be had.
   * Default 86,400: the longest that a token signed before the outage can live.
   */
  readonly staleLimitSeconds: number;
  /** Time limit of one request. Default 5. */
  readonly timeoutSeconds: number;
}

export const DEFAULT_KEY_SET_TIMES: KeySetTimes = {
  maxAgeSeconds: 600,
  cooldownSeconds: 30,
  retrySeconds: 1,
  staleLimitSeconds: ACCESS_TOKEN_TTL_MAX_SECONDS,
  timeoutSeconds: 5,
};

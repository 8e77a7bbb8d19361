/**
 * Something that a credential's life hangs on, by its name in the schedule: `organization:o1`,
 * `principal:p1`, `role:r1`, `key:k1`, `version:k1.1`, `token:t1`, `family:f1`, or `kid:` and the key that
 * signed.
 */
export type Subject =
  `${'organization' | 'principal' | 'role' | 'key' | 'version' | 'token' | 'family' | 'kid'}:${string}`;

/** A credential that was handed out: an API key in one of its versions, or an access token. */
export interface IssuedCredential {
  /** Its name in the schedule: `k1.1`, `t1`. */
  readonly name: string;
  readonly kind: 'api_key' | 'access_token';
  /** All that its life hangs on, itself included. */
  readonly subjects: readonly Subject[];
  /** What it could do when it was handed out. */
  readonly scopes: readonly string[];
  /** When it was asked for, and when it was handed out: ms, on the test bed's monotonic clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** When it ends by itself, on the same clock; null: it does not. */
  readonly expiresAtMs: number | null;
}

import type { TokenLifetime } from './world.js';

/** Something that happens at a moment of a schedule. */
export type Step = TakingStep | IssuingStep | FaultStep;

interface Timed {
  /** Milliseconds since the schedule began. */
  readonly atMs: number;
}

/** What is taken away; the names are those of the world, or of an earlier step. */
export type Taken =
  | {
      readonly take: 'revoke-key' | 'delete-key' | 'disable-key' | 'revoke-key-by-itself';
      readonly key: string;
    }
  /** `grace`: seconds that the versions before still work. `newVersion` names what comes of it. */
  | {
      readonly take: 'rotate-key';
      readonly key: string;
      readonly graceSeconds: number;
      readonly newVersion: string;
    }
  | { readonly take: 'revoke-token'; readonly token: string }
  /** A refresh token. */
  | { readonly take: 'revoke-family'; readonly family: string }
  | { readonly take: 'disable-principal' | 'delete-principal'; readonly principal: string }
  | { readonly take: 'disable-organization'; readonly organization: string }
  | { readonly take: 'narrow-role'; readonly role: string; readonly scope: string }
  | { readonly take: 'narrow-principal'; readonly principal: string; readonly scope: string }
  | { readonly take: 'narrow-key'; readonly key: string; readonly scope: string }
  | { readonly take: 'drop-roles'; readonly principal: string }
  /** The key that signs access tokens; another signs at once. */
  | { readonly take: 'compromise-signing-key' };

export interface TakingStep extends Timed {
  readonly do: 'take';
  /** The replica that is asked to. */
  readonly replica: number;
  readonly taken: Taken;
  /**
   * Milliseconds before the step at which what it hits is asked about for the first time, on every
   * replica at once, so that it is read while it is taken; null: it has long been in memory.
   */
  readonly coldLeadMs: number | null;
  /**
   * Where what is read then is held up on its way until the change is answered, while the replica hears
   * of the change in time; null: nowhere.
   */
  readonly lateReadsAt: number | null;
  /** Whether it asks not to be kept waiting for the confirmation (`Prefer: wait=0`). */
  readonly impatient: boolean;
  /** How often it is tried again, at the next replica, until it is confirmed. */
  readonly retries: number;
}

export type Issued =
  | { readonly issue: 'key'; readonly name: string; readonly principal: string }
  | {
      readonly issue: 'token';
      readonly name: string;
      readonly key: string;
      readonly lifetime: TokenLifetime;
    };

export interface IssuingStep extends Timed {
  readonly do: 'issue';
  readonly replica: number;
  readonly issued: Issued;
}

/** Towards the database or the service, away from it, or both. */
export type Direction = 'forth' | 'back' | 'both';

/** What is broken. */
export type Broken =
  /** SIGKILL, and started again when the fault is over. */
  | { readonly fault: 'kill-replica'; readonly replica: number }
  /** SIGSTOP, and SIGCONT. */
  | { readonly fault: 'pause-replica'; readonly replica: number }
  /** Its connections to Postgres end, and new ones are refused. */
  | { readonly fault: 'cut-database'; readonly replica: number }
  /** Each connection has a delay of its own, up to this. */
  | { readonly fault: 'delay-database'; readonly replica: number; readonly delayMs: number }
  /** Connections are accepted and kept, and nothing passes in this direction. */
  | {
      readonly fault: 'half-open-database';
      readonly replica: number;
      readonly direction: Direction;
    }
  /** Some connections bring no answers for a while; the others go on. */
  | { readonly fault: 'stall-connections'; readonly replica: number; readonly share: number }
  | { readonly fault: 'drop-notifications'; readonly replica: number }
  /** A transaction that holds the lock on rows, and commits when the fault is over. */
  | { readonly fault: 'hold-lock'; readonly on: 'change-head' | 'keys' | 'principals' }
  /** `crash`: without a goodbye; it recovers from its log. */
  | { readonly fault: 'restart-postgres'; readonly how: 'shutdown' | 'crash' }
  /** What local verifiers have to do with this replica: the feed, introspection, its keys. */
  | { readonly fault: 'cut-feed'; readonly replica: number }
  | { readonly fault: 'delay-feed'; readonly replica: number; readonly delayMs: number }
  | { readonly fault: 'half-open-feed'; readonly replica: number; readonly direction: Direction }
  /** SIGSTOP for the process of the local verifiers, and SIGCONT. */
  | { readonly fault: 'pause-verifiers' };

export interface FaultStep extends Timed {
  readonly do: 'break';
  readonly broken: Broken;
  readonly forMs: number;
}

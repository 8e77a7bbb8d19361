import type { DiscoveryDocument } from './discover-jwks-uri.js';
import type { Fetch } from './fetch-document.js';
import type { VerificationKey } from './import-verification-key.js';
import { DEFAULT_KEY_SET_TIMES, type KeySetTimes } from './key-set-times.js';
import { KeysUnavailable } from './keys-unavailable.js';
import type { AllowInsecureHttp } from './parse-secure-url.js';
import { RemoteJwks } from './remote-jwks.js';

export interface RemoteKeySetOptions {
  readonly issuer: string;
  /** Default: discovered by the issuer's metadata, anew when a set would be too old, and when it is not there. */
  readonly jwksUri?: string | undefined;
  /** Which metadata that is. Default: RFC 8414's. */
  readonly discovery?: DiscoveryDocument | undefined;
  readonly times?: Partial<KeySetTimes> | undefined;
  readonly allowInsecureHttp?: AllowInsecureHttp | undefined;
  readonly fetch?: Fetch | undefined;
  /** A clock that never goes back, in milliseconds. Default: `performance.now`. */
  readonly monotonicMs?: (() => number) | undefined;
}

/**
 * Makes keys of a JWK Set (RFC 7517 §5); may take over those of the set before.
 * @throws when the document is not one
 */
export type ReadKeySet<Key> = (
  document: unknown,
  before: ReadonlyMap<string, Key>,
) => ReadonlyMap<string, Key>;

/** How long after a doubt a replica that is behind, or an HTTP cache, may still serve the set before. */
const DOUBT_SECONDS = 300;

const NO_KEYS: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * An issuer's JWK Set over HTTP. Fetched when it is first needed, when it is too old and when a
 * `kid` is not in it; concurrent needs share one request. Each document is converted once, so that
 * in between a key is found by a look-up in a Map.
 *
 * An outage is `KeysUnavailable`, except for keys of a set within `staleLimitSeconds`.
 *
 * @throws {TypeError} from the constructor, when a URL is not one that keys may be fetched from
 * @see RFC 7517 §5, RFC 8414 §2
 */
export class RemoteKeySet<Key = VerificationKey> {
  readonly #issuer: string;
  readonly #read: ReadKeySet<Key>;
  readonly #times: KeySetTimes;
  readonly #monotonicMs: () => number;
  readonly #remote: RemoteJwks;
  #keys: ReadonlyMap<string, Key> = NO_KEYS;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #doubtedAtMs = Number.NEGATIVE_INFINITY;
  #failure: { readonly cause: unknown; readonly atMs: number } | undefined;
  #pending: Promise<void> | undefined;

  constructor(options: RemoteKeySetOptions, read: ReadKeySet<Key>) {
    this.#issuer = options.issuer;
    this.#read = read;
    this.#times = { ...DEFAULT_KEY_SET_TIMES, ...options.times };
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#remote = new RemoteJwks({
      issuer: options.issuer,
      jwksUri: options.jwksUri,
      discovery: options.discovery,
      allowInsecureHttp: options.allowInsecureHttp ?? false,
      fetch: options.fetch ?? fetch,
      timeoutMs: this.#times.timeoutSeconds * 1000,
      locationMaxAgeMs: this.#times.maxAgeSeconds * 1000,
      monotonicMs: this.#monotonicMs,
      isCacheDistrusted: () => this.isDoubted,
    });
  }

  /** The set, if it is young enough to be used as it is, else an empty one. Waits for nothing. */
  get fresh(): ReadonlyMap<string, Key> {
    const ageSeconds = this.#ageSeconds();
    if (!(ageSeconds < this.#times.maxAgeSeconds)) return NO_KEYS;
    if (ageSeconds > (this.#times.refreshAgeSeconds ?? Infinity)) this.#renewBeside();
    return this.#keys;
  }

  /**
   * The set to look for `kid` in, after whatever I/O it takes: when `kid` is not in it, then the
   * issuer did not publish it within the last `cooldownSeconds`.
   *
   * While the issuer is known to be out of reach, a key that is known is had without waiting, and
   * the attempts to reach it go on beside.
   *
   * @throws {KeysUnavailable} when no set can be had that would tell
   */
  keysFor(kid: string): Promise<ReadonlyMap<string, Key>> {
    return this.#keysWith(() => this.#keys.has(kid));
  }

  /**
   * The set to look for a key in that is wanted by what it is, and not by its name; like `keysFor`.
   *
   * @throws {KeysUnavailable} when no set can be had that would tell
   */
  keysFitting(isWanted: (key: Key) => boolean): Promise<ReadonlyMap<string, Key>> {
    return this.#keysWith(() => [...this.#keys.values()].some(isWanted));
  }

  /**
   * Says that keys may have been published that the set lacks, as when one took the place of a
   * compromised one: the next `kid` that is not in it is looked for anew, in spite of the cooldown, past
   * HTTP caches, and for some minutes every `retrySeconds`.
   */
  doubt(): void {
    this.#doubtedAtMs = this.#monotonicMs();
  }

  /** Whether it was doubted so lately that a `kid` may be good although no set has it yet. */
  get isDoubted(): boolean {
    return this.#monotonicMs() - this.#doubtedAtMs < DOUBT_SECONDS * 1000;
  }

  async #keysWith(isThere: () => boolean): Promise<ReadonlyMap<string, Key>> {
    if (this.#isDecisive(isThere())) return this.#keys;
    if (this.#failedWithin(this.#times.cooldownSeconds) && this.#isKnown(isThere())) {
      this.#renewBeside();
      return this.#keys;
    }
    try {
      await this.#renew();
    } catch (cause) {
      if (this.#isKnown(isThere())) return this.#keys;
      throw new KeysUnavailable(`the keys of ${this.#issuer} cannot be had`, { cause });
    }
    return this.#keys;
  }

  #ageSeconds(): number {
    return (this.#monotonicMs() - this.#fetchedAtMs) / 1000;
  }

  #isDecisive(isThere: boolean): boolean {
    if (!isThere && this.#fetchedAtMs <= this.#doubtedAtMs) return false;
    const { maxAgeSeconds, cooldownSeconds, retrySeconds } = this.#times;
    const unknownSeconds = this.isDoubted
      ? Math.min(retrySeconds, cooldownSeconds)
      : cooldownSeconds;
    const limitSeconds = isThere ? maxAgeSeconds : unknownSeconds;
    return this.#ageSeconds() < Math.min(limitSeconds, maxAgeSeconds);
  }

  #isKnown(isThere: boolean): boolean {
    return isThere && this.#ageSeconds() < this.#times.staleLimitSeconds;
  }

  #failedWithin(seconds: number): boolean {
    return this.#failure !== undefined && this.#monotonicMs() - this.#failure.atMs < seconds * 1000;
  }

  /** Whoever needs the set next finds out how it went. */
  #renewBeside(): void {
    this.#renew().catch(() => {});
  }

  /** Fetches the set, or shares the fetch that is under way. Rejects at once between retries. */
  #renew(): Promise<void> {
    if (this.#pending !== undefined) return this.#pending;
    if (this.#failedWithin(this.#times.retrySeconds)) return Promise.reject(this.#failure?.cause);
    this.#pending = this.#fetchKeys().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #fetchKeys(): Promise<void> {
    // From before the request: what is published during it may or may not be in the answer.
    const startedAtMs = this.#monotonicMs();
    try {
      this.#keys = this.#read(await this.#remote.load(), this.#keys);
      this.#fetchedAtMs = startedAtMs;
      this.#failure = undefined;
    } catch (cause) {
      this.#failure = { cause, atMs: this.#monotonicMs() };
      throw cause;
    }
  }
}

import type { Clock } from './clock.js';
import type {
  FeedEvent,
  IntrospectedEvent,
  MisconfiguredEvent,
  VerifiedEvent,
  VerifierHooks,
} from './verifier-hooks.js';
import type { VerifyResult } from './verify-result.js';

const WARN_AGAIN_MS = 60_000;
const SCOPE = {
  introspection: 'countersign:introspect',
  revocations: 'countersign:revocations:read',
} as const;

/** Tells whoever wants to know; what a hook throws is not the request's affair. */
export class VerifierReports {
  readonly #warnedAtMs = new Map<MisconfiguredEvent['what'], number>();

  constructor(
    private readonly hooks: VerifierHooks,
    private readonly clock: Clock,
  ) {}

  readonly introspected = (event: IntrospectedEvent): void =>
    guarded(() => this.hooks.onIntrospected?.(event));

  readonly feed = (event: FeedEvent): void => guarded(() => this.hooks.onFeed?.(event));

  /** Of what is decided thousands of times a second, nothing is made unless somebody wants it. */
  get wantsVerified(): boolean {
    return this.hooks.onVerified !== undefined;
  }

  verified(result: VerifyResult): void {
    guarded(() => this.hooks.onVerified?.(eventOf(result)));
  }

  /** The service does not take this backend's credential, or not for this. */
  callerRefused(what: MisconfiguredEvent['what'], status: number): void {
    const message =
      status === 403
        ? `the credential of this backend lacks the scope ${SCOPE[what]}`
        : 'the credential of this backend is not good any more, or never was';
    const { onMisconfigured } = this.hooks;
    if (onMisconfigured !== undefined) guarded(() => onMisconfigured({ what, status, message }));
    else this.#warn(what, message);
  }

  #warn(what: MisconfiguredEvent['what'], message: string): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - (this.#warnedAtMs.get(what) ?? -Infinity) < WARN_AGAIN_MS) return;
    this.#warnedAtMs.set(what, nowMs);
    process.emitWarning(`${what}: ${message}`, 'CountersignWarning');
  }
}

function eventOf(result: VerifyResult): VerifiedEvent {
  if (result.ok) return { outcome: 'accepted', source: result.source };
  if (result.status === 503) return { outcome: 'unavailable', reason: result.reason };
  return { outcome: 'refused', code: result.code };
}

function guarded(hook: () => void): void {
  try {
    hook();
  } catch {
    // A hook that fails must not decide whether a request is let in.
  }
}

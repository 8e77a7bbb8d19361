import { REJECTION_CODES, type RejectionCode } from '@countersign/contracts';

/** A credential was turned away. A value, never thrown: see `KeysUnavailable` for failure. */
export interface Rejection {
  readonly ok: false;
  readonly code: RejectionCode;
}

/** A check was passed that has nothing to hand on. */
export interface Accepted {
  readonly ok: true;
}

/** The one value of `Accepted`. */
export const ACCEPTED: Accepted = Object.freeze({ ok: true });

const REJECTIONS = Object.freeze(
  Object.fromEntries(REJECTION_CODES.map((code) => [code, Object.freeze({ ok: false, code })])),
) as Readonly<Record<RejectionCode, Rejection>>;

/**
 * The rejection with this code: one frozen value for each code, so that turning a credential away
 * allocates nothing and a rejection can be compared by identity.
 */
export function rejected(code: RejectionCode): Rejection {
  return REJECTIONS[code];
}

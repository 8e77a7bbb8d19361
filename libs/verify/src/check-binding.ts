import type { Confirmation } from '@countersign/contracts';
import { ACCEPTED, type Accepted, type Rejection, rejected } from './rejection.js';

/** How a token was presented, and which keys its presenter has proven to hold. */
export interface PresentedBinding {
  /** `DPoP`: by the `Authorization` scheme of that name; `other`: by any other means. */
  readonly scheme: 'DPoP' | 'other';
  /** Thumbprint of the key that signed a DPoP proof, which was checked, for this very request. */
  readonly jkt?: string | undefined;
  /** SHA-256 thumbprint of the certificate that the presenter of the token has shown over TLS. */
  readonly 'x5t#S256'?: string | undefined;
}

/**
 * Checks that whoever presents a token holds the key that the token is bound to. A bound token
 * without that proof is refused, and so is one that is bound to nothing under the scheme `DPoP`:
 * there was nothing that its proof could have proven.
 *
 * @param cnf of the token; undefined: it is bound to nothing
 * @param binding undefined: nothing was proven. `unchecked`: somebody else checks the proof
 * @returns `binding_unproven` for what is refused
 * @see RFC 9449 §7.1, §7.2; RFC 8705 §3
 */
export function checkBinding(
  cnf: Confirmation | undefined,
  binding: PresentedBinding | 'unchecked' | undefined,
): Accepted | Rejection {
  if (binding === 'unchecked') return ACCEPTED;
  if (binding?.scheme === 'DPoP' && cnf?.jkt === undefined) return rejected('binding_unproven');
  if (cnf === undefined) return ACCEPTED;
  return binding !== undefined && provesAll(cnf, binding) ? ACCEPTED : rejected('binding_unproven');
}

/** Each way in which the token is bound counts: to prove one of them is not enough. */
function provesAll(cnf: Confirmation, proven: PresentedBinding): boolean {
  return (
    (cnf.jkt === undefined || proven.jkt === cnf.jkt) &&
    (cnf['x5t#S256'] === undefined || proven['x5t#S256'] === cnf['x5t#S256'])
  );
}

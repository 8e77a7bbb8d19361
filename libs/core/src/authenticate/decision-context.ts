import type { ScopeExpression } from '@countersign/contracts';
import type { RequestContext } from '@countersign/verify';
import type { RequestBinding } from '../binding/request-binding.js';
import type { RevocationLog } from '../revocation/revocation-log.js';
import type { ResourceServers } from '../tokens/resource-servers.js';

/**
 * `use`: all of a credential's restrictions hold. `exchange`: only where it comes from counts; what
 * is exchanged for it bears the rest, which speak of the API that it will be used at. `revocation`:
 * a credential can be revoked from anywhere, and whatever its standing: verification tells whether it
 * is genuine, also where it could not be used now.
 */
export type RestrictionsPurpose = 'use' | 'exchange' | 'revocation';

/** For what, and in which circumstances, a credential is used. */
export interface DecisionContext {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The audience that the credential must be good for; undefined: the caller sees to it. */
  readonly audience: string | undefined;
  /** The request that it is used for, as far as it is known. */
  readonly request: RequestContext | undefined;
  readonly purpose: RestrictionsPurpose;
  /**
   * What the request has proven about keys, by `BindingVerifier`; absent: nothing, and a token that
   * is bound to a key is refused. `unchecked`: whoever is told the `cnf` asks for the proof.
   */
  readonly binding?: RequestBinding | 'unchecked' | undefined;
  /** SHA-256 thumbprint of the certificate that came with it over TLS; absent: none did. */
  readonly certificateThumbprint?: string | undefined;
  /**
   * Whether an API asks about what was presented to it, which it may have from a gateway: then it
   * counts which certificate the gateway has seen. Absent: it is used here, by who shows its own.
   */
  readonly isPresentedElsewhere?: boolean | undefined;
  /** The scopes that the use needs; undefined: the caller sees to it. */
  readonly requiredScopes?: ScopeExpression | undefined;
  /** What the use weighs, for checks of limits; none of those here depends on it. */
  readonly cost?: number | undefined;
  /** Only asked about: not recorded as a use. */
  readonly dryRun?: boolean | undefined;
}

/** What a decision looks up beside the credential itself, all of it in memory. */
export interface DecisionMemory {
  readonly issuer: string;
  readonly revocations: Pick<RevocationLog, 'has'>;
  readonly resourceServers: Pick<ResourceServers, 'find'>;
}

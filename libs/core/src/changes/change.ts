import type { Revocation } from '../revocation/revocation.js';

/** What an entry of the change feed speaks of; `subject` is the id of that kind. */
export const CHANGE_KINDS = [
  'organization', // org_…
  'principal', // prn_…: its own row, its roles, or what it acts for
  'api_key', // key_…
  'api_key_version', // the 16-character id of a version that was just created or whose grace moved
  'role', // rol_…
  'resource_server', // rsv_…
  'signing_key', // kid
  'revocation', // what a token bears that it may hit; `revocation` has the rest
  'trusted_issuer', // tis_…
  'federated_identity', // fid_…
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One entry of the ordered feed of everything that answers from memory may depend on. */
export interface Change {
  /** Without gaps, in the order in which the changes were committed. */
  readonly position: number;
  readonly kind: ChangeKind;
  readonly subject: string;
  /** For `revocation`: all of it; null once nothing that it could hit is alive. Else null. */
  readonly revocation: Revocation | null;
}

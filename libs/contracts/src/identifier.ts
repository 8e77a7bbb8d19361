import { z } from 'zod';

/** Prefix of each kind of id; what follows is a ULID, except for signing keys (RFC 7638 thumbprint). */
export const ID_PREFIXES = {
  organization: 'org_',
  principal: 'prn_',
  apiKey: 'key_',
  role: 'rol_',
  resourceServer: 'rsv_',
  auditEvent: 'aud_',
  trustedIssuer: 'tis_',
  federatedIdentity: 'fid_',
  statusList: 'tsl_',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Schema of an id of `kind`: its prefix and a 26-character ULID in Crockford's base32. */
export function identifier(kind: IdKind) {
  const prefix = ID_PREFIXES[kind];
  return z
    .string()
    .regex(new RegExp(`^${prefix}[0-9A-HJKMNP-TV-Z]{26}$`), `must be an id like ${prefix}01JD…`);
}

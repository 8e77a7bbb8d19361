import { z } from 'zod';

/**
 * What a token was derived from: key id, dot, id of the key version; or id of the trusted issuer, dot,
 * id of the federated identity.
 */
export const rootCredentialId = z
  .string()
  .regex(/^(?:key_[0-9A-Z]{26}\.[0-9A-Za-z]{16}|tis_[0-9A-Z]{26}\.fid_[0-9A-Z]{26})$/);

import { isIpAllowed } from '@countersign/verify';
import { isPublicAddress } from './is-public-address.js';

/** Whether keys of trusted issuers may be fetched from this address: a public one, or one in the list. */
export function isAddressAllowed(allowed: readonly string[], address: string): boolean {
  return isPublicAddress(address) || isIpAllowed(allowed, address);
}

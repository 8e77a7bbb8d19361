import type { Confirmation } from '@countersign/contracts';
import type { RequestBinding } from './request-binding.js';

/** The keys that a token is bound to which a request asks for by proving that it holds them. */
export function confirmationOf({ jkt }: RequestBinding): Confirmation | undefined {
  return jkt === undefined ? undefined : { jkt };
}

import type { Confirmation } from '@countersign/contracts';
import type { RequestBinding } from './request-binding.js';

/**
 * The keys that a token is bound to: the one that a request asks for by proving that it holds it, and
 * that of the certificate, where there is one to bind to.
 * @param thumbprint of the certificate; undefined: the token is not bound to it
 */
export function confirmationOf(
  { jkt }: RequestBinding,
  thumbprint?: string,
): Confirmation | undefined {
  if (jkt === undefined && thumbprint === undefined) return undefined;
  return {
    ...(jkt !== undefined && { jkt }),
    ...(thumbprint !== undefined && { 'x5t#S256': thumbprint }),
  };
}

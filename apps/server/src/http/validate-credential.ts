import { authenticationContext } from './authentication-context.js';
import type { Caller, CallerAuthenticator } from './caller-authenticator.js';

/**
 * What both strategies do with a credential: one port, one principal. `false` is how passport is
 * told of a rejection; a failure stays an exception, so that an outage is never taken for one.
 */
export async function validateCredential(
  authenticator: CallerAuthenticator,
  credential: string,
): Promise<Caller | false> {
  const context = authenticationContext.getStore();
  if (context === undefined) throw new Error('a strategy ran outside the access guard');
  const outcome = await authenticator.authenticate(credential, context);
  return outcome.ok && outcome.caller;
}

import type { BindingRefusal } from '@countersign/core';
import { authenticationContext } from './authentication-context.js';
import type { Caller, CallerAuthenticator } from './caller-authenticator.js';
import { dpopChallenge } from './challenge.js';
import { ProblemException } from './problem.js';

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
  if ('nonce' in outcome) throw proofRefused(outcome);
  return outcome.ok && outcome.caller;
}

/** The sender made the proof itself, and may be told what is wrong with it. @see RFC 9449 §7.1, §9 */
function proofRefused({ code, detail, nonce }: BindingRefusal): ProblemException {
  return new ProblemException('unauthenticated', `The DPoP proof is not accepted: ${detail}.`, {
    headers: { 'www-authenticate': dpopChallenge(code), 'dpop-nonce': nonce },
  });
}

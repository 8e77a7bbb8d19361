import type { VerifiedCredential } from '@countersign/core';
import {
  BASIC_CHALLENGE,
  type CallerAuthentication,
  invalidCredential,
} from '../../data-plane/authenticate-caller.js';
import type { FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';

/**
 * The client's key; undefined when it presents none. Whatever is wrong with it is `invalid_client`.
 * @see RFC 6749 §5.2
 */
export async function authenticatedClient(
  callers: CallerAuthentication,
  request: FormRequest,
  nowMs: number,
): Promise<VerifiedCredential | undefined> {
  try {
    const client = await callers.authenticate(request, nowMs, 'exchange');
    if (client !== undefined && client.kind !== 'api_key') {
      const detail = 'a client authenticates by an API key; exchange a JWT as subject_token';
      throw invalidCredential(request, detail);
    }
    return client;
  } catch (error) {
    if (error instanceof OAuthFailure && error.code === 'invalid_token') {
      throw invalidClient(error.description, error.options.challenge);
    }
    throw error;
  }
}

/** @param inUse a challenge in the scheme that the client has tried to authenticate by, if not Basic */
export function invalidClient(description: string, inUse?: string): OAuthFailure {
  const challenge = inUse === undefined ? BASIC_CHALLENGE : `${inUse}, ${BASIC_CHALLENGE}`;
  return new OAuthFailure('invalid_client', description, { challenge });
}

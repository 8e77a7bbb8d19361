import type { VerifiedCredential } from '@countersign/core';
import {
  BASIC_CHALLENGE,
  type CallerAuthentication,
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
      throw invalidClient('a client authenticates by an API key; exchange a JWT as subject_token');
    }
    return client;
  } catch (error) {
    if (error instanceof OAuthFailure && error.code === 'invalid_token') {
      throw invalidClient(error.description);
    }
    throw error;
  }
}

export function invalidClient(description: string): OAuthFailure {
  return new OAuthFailure('invalid_client', description, { challenge: BASIC_CHALLENGE });
}

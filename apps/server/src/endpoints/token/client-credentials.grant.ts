import type { TokenRequest } from '@countersign/contracts';
import { Injectable } from '@nestjs/common';
import { CallerAuthentication } from '../../data-plane/authenticate-caller.js';
import type { FormRequest } from '../../data-plane/data-plane-route.js';
import { authenticatedClient, invalidClient } from './authenticated-client.js';
import type { Grant, Granted } from './grant.js';

/** The client's own key is what the token is issued for. @see RFC 6749 §4.4 */
@Injectable()
export class ClientCredentialsGrant implements Grant {
  constructor(private readonly callers: CallerAuthentication) {}

  async subject(request: FormRequest, _asked: TokenRequest, nowMs: number): Promise<Granted> {
    const client = await authenticatedClient(this.callers, request, nowMs);
    // RFC 6749 §5.2: no client authentication included.
    if (client === undefined)
      throw invalidClient('a key is needed, or an assertion or a certificate for one');
    return { subject: client, client };
  }
}

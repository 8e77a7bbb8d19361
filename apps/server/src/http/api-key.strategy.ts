import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
import { type Caller, CallerAuthenticator } from './caller-authenticator.js';
import { validateCredential } from './validate-credential.js';

export const API_KEY_STRATEGY = 'headerapikey';

/** Takes the credential from `X-API-Key`. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(HeaderAPIKeyStrategy, API_KEY_STRATEGY) {
  constructor(private readonly authenticator: CallerAuthenticator) {
    // Without the request: with it, the strategy calls back in an order that Nest does not expect.
    super({ header: 'X-API-Key', prefix: '' }, false);
  }

  validate(credential: string): Promise<Caller | false> {
    return validateCredential(this.authenticator, credential);
  }
}

import type { Principal, Verifier } from '@countersign/client';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
import { API_KEY_STRATEGY } from './strategy-names.js';
import { validateCredential } from './validate-credential.js';
import { COUNTERSIGN_VERIFIER } from './verifier.token.js';

/** Takes the credential from `X-API-Key`. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(HeaderAPIKeyStrategy, API_KEY_STRATEGY) {
  constructor(@Inject(COUNTERSIGN_VERIFIER) private readonly verifier: Verifier) {
    // Without the request: with it, the strategy calls back in an order that Nest does not expect.
    super({ header: 'X-API-Key', prefix: '' }, false);
  }

  validate(credential: string): Promise<Principal | false> {
    return validateCredential(this.verifier, credential);
  }
}

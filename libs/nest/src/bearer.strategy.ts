import type { Principal, Verifier } from '@countersign/client';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { BEARER_STRATEGY } from './strategy-names.js';
import { validateCredential } from './validate-credential.js';
import { COUNTERSIGN_VERIFIER } from './verifier.token.js';

/**
 * Takes the credential, a JWT or an API key, from `Authorization`, under the scheme Bearer or DPoP
 * (RFC 9449 §7.1). passport-jwt only extracts it: its own verifier knows no Ed25519 and takes an outage
 * for a rejection, so the token passes through as its own "key" and is verified in `validate`.
 */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, BEARER_STRATEGY) {
  constructor(@Inject(COUNTERSIGN_VERIFIER) private readonly verifier: Verifier) {
    super({
      jwtFromRequest: ExtractJwt.fromExtractors([
        ExtractJwt.fromAuthHeaderAsBearerToken(),
        ExtractJwt.fromAuthHeaderWithScheme('DPoP'),
      ]),
      secretOrKeyProvider: (_request: unknown, token: string, done: KeyCallback) =>
        done(null, new UnverifiedBearer(token) as unknown as string),
    });
  }

  validate(bearer: UnverifiedBearer): Promise<Principal | false> {
    return validateCredential(this.verifier, bearer.token);
  }
}

/** Only this module can make one, so no other strategy's token passes the verifier unverified. */
class UnverifiedBearer {
  constructor(readonly token: string) {}
}

type KeyCallback = (error: Error | null, key: string) => void;
type TokenVerifier = (token: string, key: unknown, options: unknown, done: TokenCallback) => void;
type TokenCallback = (error: Error | null, payload?: unknown) => void;

// The hook is static, so it is shared with any other passport-jwt strategy of the process.
const hook = Strategy as unknown as { JwtVerifier: TokenVerifier };
const stockVerifier = hook.JwtVerifier;
hook.JwtVerifier = (token, key, options, done) => {
  if (key instanceof UnverifiedBearer) done(null, key);
  else stockVerifier(token, key, options, done);
};

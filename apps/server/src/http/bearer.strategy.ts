import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { type Caller, CallerAuthenticator } from './caller-authenticator.js';
import { validateCredential } from './validate-credential.js';

export const BEARER_STRATEGY = 'jwt';

/**
 * Takes the credential, a JWT of ours or an API key, from `Authorization`, under the scheme Bearer or
 * DPoP (RFC 9449 §7.1). passport-jwt only
 * extracts it: its own verifier knows no Ed25519 and takes an outage for a rejection, so the token
 * passes through as its own "key" and is verified in `validate`.
 */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, BEARER_STRATEGY) {
  constructor(private readonly authenticator: CallerAuthenticator) {
    super({
      jwtFromRequest: ExtractJwt.fromExtractors([
        ExtractJwt.fromAuthHeaderAsBearerToken(),
        ExtractJwt.fromAuthHeaderWithScheme('DPoP'),
      ]),
      secretOrKeyProvider: (_request: unknown, token: string, done: KeyCallback) =>
        done(null, new UnverifiedBearer(token) as unknown as string),
    });
  }

  validate(bearer: UnverifiedBearer): Promise<Caller | false> {
    return validateCredential(this.authenticator, bearer.token);
  }
}

/** Only this module can make one, so no other strategy's token passes the verifier unverified. */
class UnverifiedBearer {
  constructor(readonly token: string) {}
}

type KeyCallback = (error: Error | null, key: string) => void;
type Verifier = (token: string, key: unknown, options: unknown, done: VerifierCallback) => void;
type VerifierCallback = (error: Error | null, payload?: unknown) => void;

// The hook is static, so it is shared with any other passport-jwt strategy of the process.
const hook = Strategy as unknown as { JwtVerifier: Verifier };
const stockVerifier = hook.JwtVerifier;
hook.JwtVerifier = (token, key, options, done) => {
  if (key instanceof UnverifiedBearer) done(null, key);
  else stockVerifier(token, key, options, done);
};

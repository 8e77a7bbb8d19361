import type { KeyAuthentication } from '@countersign/contracts';
import { importPublicJwk, UnusableKey } from '@countersign/verify';
import { type FieldError, validationFailed } from '../../http/problem.js';

/**
 * The form of the public keys was checked by their schema; this tells whether they are keys.
 * @throws {ProblemException} `validation_failed`, naming each that is none
 */
export function requireUsableJwks({ jwks }: KeyAuthentication): void {
  const errors = jwks.keys.flatMap((jwk, index): FieldError[] => {
    try {
      importPublicJwk(jwk);
      return [];
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error;
      return [{ field: `authentication.jwks.keys.${index}`, message: error.message }];
    }
  });
  if (errors.length > 0) throw validationFailed(errors);
}

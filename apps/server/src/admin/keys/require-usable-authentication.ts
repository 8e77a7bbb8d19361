import type { KeyAuthentication, PrivateKeyJwt } from '@countersign/contracts';
import { canonicalName } from '@countersign/core';
import { importPublicJwk, UnusableKey } from '@countersign/verify';
import { type FieldError, validationFailed } from '../../http/problem.js';

/**
 * The form of what authenticates a key was checked by its schema; this tells whether the public keys
 * are keys, and the name is one.
 * @throws {ProblemException} `validation_failed`, naming what is wrong
 */
export function requireUsableAuthentication(authentication: KeyAuthentication): void {
  const errors = errorsIn(authentication);
  if (errors.length > 0) throw validationFailed(errors);
}

function errorsIn(authentication: KeyAuthentication): FieldError[] {
  switch (authentication.method) {
    case 'private_key_jwt':
      return errorsInKeys(authentication);
    case 'tls_client_auth': {
      const name = authentication.tls_client_auth_subject_dn;
      if (name === undefined || canonicalName(name) !== undefined) return [];
      const message = 'must be a distinguished name as RFC 4514 writes it, like CN=job,O=Acme';
      return [{ field: 'authentication.tls_client_auth_subject_dn', message }];
    }
    case 'self_signed_tls_client_auth':
      return [];
  }
}

function errorsInKeys({ jwks }: PrivateKeyJwt): FieldError[] {
  return jwks.keys.flatMap((jwk, index): FieldError[] => {
    try {
      importPublicJwk(jwk);
      return [];
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error;
      return [{ field: `authentication.jwks.keys.${index}`, message: error.message }];
    }
  });
}

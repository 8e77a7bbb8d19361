import { identifier, type KeyAuthentication } from '@countersign/contracts';
import { type Rejection, rejected } from '@countersign/verify';
import type { CertificateAuthorities } from '../certificates/certificate-authorities.js';
import type { ClientCertificate } from '../certificates/client-certificate.js';
import { isWithinValidity } from '../certificates/is-within-validity.js';
import { matchesSubject } from '../certificates/matches-subject.js';
import type { ClientIds } from '../keys/client-ids.js';
import { versionIdWithoutSecret } from '../keys/version-id-without-secret.js';
import type { KeyStates } from '../state/key-states.js';
import type { VerifiedApiKey } from '../state/verified-api-key.js';

export interface ClientCertificateVerifierParts {
  readonly clientIds: ClientIds;
  readonly states: KeyStates;
  readonly authorities: CertificateAuthorities;
}

const keyIds = identifier('apiKey');

/**
 * Verifies that a certificate is one by which the holder of a key without a secret says who it is.
 * That it holds the certificate's private key is what TLS has shown. What comes out is the same as for
 * a key with a secret.
 * @see RFC 8705 §2
 */
export class ClientCertificateVerifier {
  readonly #parts: ClientCertificateVerifierParts;

  constructor(parts: ClientCertificateVerifierParts) {
    this.#parts = parts;
  }

  /**
   * @param clientId the `client_id` parameter
   * @throws {DependencyUnavailable} it cannot be told now
   */
  async verify(
    clientId: string,
    certificate: ClientCertificate,
    nowMs: number,
  ): Promise<VerifiedApiKey | Rejection> {
    const { states, clientIds } = this.#parts;
    const keyId = keyIds.safeParse(clientId).data;
    // Anybody can send any id: only what was issued is worth a look-up.
    if (keyId === undefined || !clientIds.isOurs(keyId)) return rejected('bad_tag');
    const found = await states.find(versionIdWithoutSecret(keyId));
    if (found === null) return rejected('unknown_credential');
    const { slot, state } = found;
    if (state.kind !== 'api_key' || state.keyId !== keyId || state.authentication === null) {
      return rejected('unknown_credential');
    }
    const { leaf } = certificate;
    if (!this.#isRegistered(certificate, state.authentication, nowMs)) {
      return rejected('wrong_certificate');
    }
    if (!isWithinValidity(leaf, nowMs)) {
      return rejected(nowMs < leaf.validFromDate.getTime() ? 'not_yet_valid' : 'expired');
    }
    states.touch(slot, nowMs);
    return slot.verified(state);
  }

  #isRegistered(
    certificate: ClientCertificate,
    authentication: KeyAuthentication,
    nowMs: number,
  ): boolean {
    switch (authentication.method) {
      case 'self_signed_tls_client_auth':
        return authentication['x5t#S256'].includes(certificate.thumbprint);
      case 'tls_client_auth':
        return (
          this.#parts.authorities.vouchFor(certificate, nowMs) &&
          matchesSubject(certificate.leaf, authentication)
        );
      case 'private_key_jwt':
        return false;
    }
  }
}

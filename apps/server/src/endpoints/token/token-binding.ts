import type { Confirmation } from '@countersign/contracts';
import {
  confirmationOf,
  needsCertificate,
  type RequestBinding,
  type TokenParties,
} from '@countersign/core';
import { Injectable } from '@nestjs/common';
import { ClientCertificates } from '../../client-certificates/client-certificates.js';
import type { FormRequest } from '../../data-plane/data-plane-route.js';
import { OAuthFailure } from '../../data-plane/oauth-failure.js';

/** To which keys of its client a token is bound. */
@Injectable()
export class TokenBinding {
  constructor(private readonly certificates: ClientCertificates) {}

  /**
   * @param binding the DPoP proof that came with the request, if one did
   * @returns undefined: it is bound to nothing
   * @throws {OAuthFailure} `invalid_request`: it has to be bound to a certificate, and there is none
   * @see RFC 9449 §5, RFC 8705 §3
   */
  confirmation(
    request: FormRequest,
    binding: RequestBinding,
    parties: TokenParties,
  ): Confirmation | undefined {
    if (!needsCertificate(parties)) return confirmationOf(binding);
    const certificate = this.certificates.ofSender(request);
    if (certificate !== undefined) return confirmationOf(binding, certificate.thumbprint);
    throw new OAuthFailure(
      'invalid_request',
      'a client certificate is needed to bind the token to',
    );
  }
}

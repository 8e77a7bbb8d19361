import {
  Authenticator,
  BindingVerifier,
  type ClientCertificate,
  type Outcome,
  type PresentedCredential,
  type RequestBinding,
  type RestrictionsPurpose,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { ClientCertificates } from '../client-certificates/client-certificates.js';
import { CONFIG, type Config } from '../config/config.js';
import { dpopChallenge } from '../http/challenge.js';
import { boundRequestOf } from './bound-request.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import { FormParameters } from './form-parameters.js';
import { HttpRequestContext } from './http-request-context.js';
import { OAuthFailure } from './oauth-failure.js';
import { presentedByCaller } from './presented-by-caller.js';
import { proofRefused } from './proof-refused.js';

const REALM = 'realm="countersign"';
export const BEARER_CHALLENGE = `Bearer ${REALM}`;
export const BASIC_CHALLENGE = `Basic ${REALM}`;

/** The client says who it is, and has shown a certificate: that is all that it presents. */
interface PresentedCertificate {
  readonly mechanism: 'client_certificate';
  readonly clientId: string;
}

/** A credential was presented, in one way. */
type Presented =
  | Extract<PresentedCredential, { readonly credential: string }>
  | PresentedCertificate;

interface Call {
  readonly presented: Presented;
  readonly certificate: ClientCertificate | undefined;
  readonly request: DataPlaneRequest;
  readonly nowMs: number;
  readonly purpose: RestrictionsPurpose;
}

/**
 * Who calls an endpoint of the data plane: HTTP Basic or form credentials (key id and key), a client
 * assertion, a certificate with the key id in the form, Bearer (key or JWT), DPoP (JWT that is bound to a key) or X-API-Key.
 */
@Injectable()
export class CallerAuthentication {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly bindings: BindingVerifier,
    private readonly certificates: ClientCertificates,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
  ) {}

  /**
   * The caller's verified credential; undefined when none was presented. Synchronous when memory
   * suffices.
   * @param purpose `exchange`: what is asked for inherits the credential's restrictions
   * @throws {OAuthFailure} two, malformed or invalid credentials
   * @throws {DependencyUnavailable}
   */
  authenticate(
    request: DataPlaneRequest,
    nowMs: number,
    purpose: RestrictionsPurpose,
  ): VerifiedCredential | undefined | Promise<VerifiedCredential> {
    const certificate = this.certificates.ofSender(request);
    const presented = presentedBy(request, certificate);
    if (presented.mechanism === 'none') return undefined;
    if (presented.mechanism === 'ambiguous') {
      throw new OAuthFailure('invalid_request', presented.detail);
    }
    if (presented.mechanism === 'malformed') throw invalidCredential(request, presented.detail);
    const call = { presented, certificate, request, nowMs, purpose };
    if (presented.mechanism === 'dpop') {
      return this.#authenticateBound(call, presented.credential);
    }
    const outcome = this.#outcomeOf(call);
    return outcome instanceof Promise
      ? outcome.then((settled) => accepted(settled, call))
      : accepted(outcome, call);
  }

  /** @see RFC 9449 §7.1 */
  async #authenticateBound(call: Call, accessToken: string): Promise<VerifiedCredential> {
    const { request, nowMs } = call;
    const bound = {
      ...boundRequestOf(request, this.config.issuer),
      scheme: 'DPoP',
      accessToken,
    } as const;
    const binding = await this.bindings.ofResourceRequest(bound, nowMs);
    if (!binding.ok) throw proofRefused(binding, 'resource');
    const outcome = await this.#outcomeOf(call, binding);
    if (!outcome.ok && outcome.code === 'replayed') {
      throw proofRefused(this.bindings.refuseReplay(nowMs), 'resource');
    }
    return accepted(outcome, call);
  }

  #outcomeOf(
    { presented, certificate, request, nowMs, purpose }: Call,
    binding?: RequestBinding,
  ): Outcome | Promise<Outcome> {
    const context = {
      nowMs,
      // What is exchanged says itself where it may go; all else is a use of our own API.
      audience: purpose === 'exchange' ? undefined : this.config.issuer,
      request: new HttpRequestContext(request),
      purpose,
      binding,
      certificateThumbprint: certificate?.thumbprint,
    };
    switch (presented.mechanism) {
      case 'client_assertion':
        return this.authenticator.authenticateClient(
          presented.credential,
          presented.clientId,
          context,
        );
      case 'client_certificate':
        if (certificate === undefined) throw new Error('a certificate was presented, and is not');
        return this.authenticator.authenticateByCertificate(
          presented.clientId,
          certificate,
          context,
        );
      default:
        return this.authenticator.authenticate(presented.credential, context);
    }
  }
}

/**
 * A certificate authenticates who presents nothing else; beside another method it is none.
 * @see RFC 8705 §2, RFC 6749 §2.3
 */
function presentedBy(
  request: DataPlaneRequest,
  certificate: ClientCertificate | undefined,
): PresentedCredential | PresentedCertificate {
  const form = formOf(request);
  const presented = presentedByCaller(request.headers, form);
  if (presented.mechanism !== 'none' || certificate === undefined) return presented;
  const clientId = form.one('client_id');
  return clientId === undefined ? presented : { mechanism: 'client_certificate', clientId };
}

const NO_FORM = new FormParameters('');

/** Only a form has room for a client's credentials in a body. @see RFC 6749 §2.3.1 */
function formOf({ body }: DataPlaneRequest): FormParameters {
  return body instanceof FormParameters ? body : NO_FORM;
}

function accepted(outcome: Outcome, { presented, request }: Call): VerifiedCredential {
  if (!outcome.ok) throw refused(presented, request);
  const clientId = 'clientId' in presented ? presented.clientId : formOf(request).one('client_id');
  if (clientId !== undefined && !isKeyWithId(outcome, clientId)) {
    throw refused(presented, request);
  }
  return outcome;
}

function refused({ mechanism }: Presented, request: DataPlaneRequest): OAuthFailure {
  if (mechanism !== 'client_certificate') return invalidCredential(request);
  const detail = 'the certificate is not one that authenticates this client';
  return new OAuthFailure('invalid_client', detail, { challenge: BASIC_CHALLENGE });
}

function isKeyWithId(credential: VerifiedCredential, keyId: string): boolean {
  return credential.kind === 'api_key' && credential.state.keyId === keyId;
}

/**
 * Client authentication (Basic, form) fails as OAuth has it, the rest as at a protected resource.
 * @see RFC 6749 §5.2, RFC 6750 §3.1
 */
export function invalidCredential(
  request: DataPlaneRequest,
  detail = 'the credential is not valid',
): OAuthFailure {
  const { authorization = '' } = request.headers;
  const body = formOf(request);
  const inForm = ['client_secret', 'client_assertion', 'client_assertion_type'];
  if (/^basic /i.test(authorization) || inForm.some((name) => body.one(name) !== undefined)) {
    return new OAuthFailure('invalid_client', detail, { challenge: BASIC_CHALLENGE });
  }
  if (/^dpop /i.test(authorization)) {
    return new OAuthFailure('invalid_token', detail, { challenge: dpopChallenge('invalid_token') });
  }
  return new OAuthFailure('invalid_token', detail, {
    challenge: `${BEARER_CHALLENGE}, error="invalid_token"`,
  });
}

/**
 * @throws {OAuthFailure} no credential was presented: the challenge has no error code, and the body says
 *   what a client is told that does not authenticate
 * @see RFC 6749 §5.2, RFC 6750 §3.1
 */
export function requireCaller(caller: VerifiedCredential | undefined): VerifiedCredential {
  if (caller !== undefined) return caller;
  throw new OAuthFailure('invalid_client', 'no credential was presented', {
    challenge: `${BEARER_CHALLENGE}, ${BASIC_CHALLENGE}`,
  });
}

import {
  Authenticator,
  type Outcome,
  type RestrictionsPurpose,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { FormParameters } from './form-parameters.js';
import { HttpRequestContext } from './http-request-context.js';
import { OAuthFailure } from './oauth-failure.js';
import { presentedByCaller } from './presented-by-caller.js';

const REALM = 'realm="countersign"';
export const BEARER_CHALLENGE = `Bearer ${REALM}`;
export const BASIC_CHALLENGE = `Basic ${REALM}`;

/**
 * Who calls an endpoint of the data plane: HTTP Basic or form credentials (key id and key), Bearer
 * (key or JWT) or X-API-Key.
 */
@Injectable()
export class CallerAuthentication {
  constructor(
    private readonly authenticator: Authenticator,
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
    request: FastifyRequest,
    nowMs: number,
    purpose: RestrictionsPurpose,
  ): VerifiedCredential | undefined | Promise<VerifiedCredential> {
    const presented = presentedByCaller(request.headers, formOf(request));
    if (presented.mechanism === 'none') return undefined;
    if (presented.mechanism === 'ambiguous') {
      throw new OAuthFailure('invalid_request', presented.detail);
    }
    if (presented.mechanism === 'malformed') throw invalid(request, presented.detail);
    const outcome = this.authenticator.authenticate(presented.credential, {
      nowMs,
      // What is exchanged says itself where it may go; all else is a use of our own API.
      audience: purpose === 'exchange' ? undefined : this.config.issuer,
      request: new HttpRequestContext(request),
      purpose,
    });
    const clientId =
      'clientId' in presented ? presented.clientId : formOf(request).one('client_id');
    return outcome instanceof Promise
      ? outcome.then((settled) => accepted(settled, clientId, request))
      : accepted(outcome, clientId, request);
  }
}

const NO_FORM = new FormParameters('');

/** Only a form has room for a client's credentials in a body. @see RFC 6749 §2.3.1 */
function formOf({ body }: FastifyRequest): FormParameters {
  return body instanceof FormParameters ? body : NO_FORM;
}

function accepted(
  outcome: Outcome,
  clientId: string | undefined,
  request: FastifyRequest,
): VerifiedCredential {
  if (!outcome.ok) throw invalid(request);
  if (clientId !== undefined && !isKeyWithId(outcome, clientId)) throw invalid(request);
  return outcome;
}

function isKeyWithId(credential: VerifiedCredential, keyId: string): boolean {
  return credential.kind === 'api_key' && credential.state.keyId === keyId;
}

/**
 * Client authentication (Basic, form) fails as OAuth has it, the rest as at a protected resource.
 * @see RFC 6749 §5.2, RFC 6750 §3.1
 */
function invalid(request: FastifyRequest, detail = 'the credential is not valid'): OAuthFailure {
  const asClient =
    /^basic /i.test(request.headers.authorization ?? '') || formOf(request).one('client_secret');
  return asClient
    ? new OAuthFailure('invalid_client', detail, { challenge: BASIC_CHALLENGE })
    : new OAuthFailure('invalid_token', detail, {
        challenge: `${BEARER_CHALLENGE}, error="invalid_token"`,
      });
}

/**
 * @throws {OAuthFailure} no credential was presented: a challenge, and no error code
 * @see RFC 6750 §3.1
 */
export function requireCaller(caller: VerifiedCredential | undefined): VerifiedCredential {
  if (caller !== undefined) return caller;
  throw new OAuthFailure('invalid_token', 'no credential was presented', {
    challenge: `${BEARER_CHALLENGE}, ${BASIC_CHALLENGE}`,
    withoutCode: true,
  });
}

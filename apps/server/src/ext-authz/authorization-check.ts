import { ClientCertificate, MalformedCertificate } from '@countersign/core';
import { escapedPem } from '../client-certificates/escaped-pem.js';
import { toOAuthFailure } from '../data-plane/answer-failure.js';
import type { FailedRequest, ToldFailure } from '../data-plane/report-failure.js';
import type { GatewayAuthorizer } from '../endpoints/forward-auth/gateway-authorizer.js';
import { requirementOf, WrongRequirement } from '../endpoints/forward-auth/requirement.js';
import { wrongRequirement } from '../endpoints/forward-auth/wrong-requirement.js';
import { requestIdOf } from '../observability/request-id.js';
import type { CheckRequest } from './check-request.js';
import { allowed, type CheckResponse, denied } from './check-response.js';
import { EnvoyEndClient } from './envoy-end-client.js';

type Report = (failure: ToldFailure, error: unknown, request: FailedRequest) => void;

/**
 * What Envoy asks about an end client's request: read what is required → authorize → answer. The
 * requirement is the `context_extensions` of Envoy's configuration, where no end client can write.
 */
export class AuthorizationCheck {
  /** @param trustedProxies addresses and CIDR blocks of what may stand before Envoy */
  constructor(
    private readonly authorizer: Pick<GatewayAuthorizer, 'authorize'>,
    private readonly trustedProxies: readonly string[],
    private readonly report: Report,
  ) {}

  /** @returns undefined where it cannot be told now, which is not the same as "denied" */
  async check(request: CheckRequest): Promise<CheckResponse | undefined> {
    try {
      return allowed(await this.#authorize(request));
    } catch (error) {
      const failure = toOAuthFailure(error);
      const headers = {
        'x-request-id': request.attributes?.request?.http?.headers?.['x-request-id'],
      };
      this.report(failure, error, {
        route: 'ext_authz',
        requestId: () => requestIdOf({ headers }),
      });
      return failure.status === 503 ? undefined : denied(failure);
    }
  }

  #authorize(request: CheckRequest): readonly string[] | Promise<readonly string[]> {
    const requirement = readRequirement(request);
    const endClient = new EnvoyEndClient(request, this.trustedProxies);
    const certificateThumbprint = thumbprintOf(endClient);
    const { headers } = endClient;
    return this.authorizer.authorize({ requirement, headers, endClient, certificateThumbprint });
  }
}

function thumbprintOf({ certificate }: EnvoyEndClient): string | undefined {
  if (certificate === undefined) return undefined;
  try {
    const [leaf, ...more] = escapedPem(certificate);
    if (leaf === undefined || more.length > 0) {
      throw new MalformedCertificate('there is more than one certificate');
    }
    return ClientCertificate.from(leaf).thumbprint;
  } catch (error) {
    if (!(error instanceof MalformedCertificate)) throw error;
    throw wrongRequirement(`the client certificate: ${error.message}`);
  }
}

function readRequirement({ attributes }: CheckRequest) {
  try {
    return requirementOf(Object.entries(attributes?.context_extensions ?? {}));
  } catch (error) {
    if (error instanceof WrongRequirement) throw wrongRequirement(error.message);
    throw error;
  }
}

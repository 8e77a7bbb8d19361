import type { ServerResponse } from 'node:http';
import { MalformedCertificate } from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { ClientCertificates } from '../../client-certificates/client-certificates.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { DataPlaneRequest } from '../../data-plane/data-plane-request.js';
import { keepAliveHint } from '../../data-plane/keep-alive-hint.js';
import type { SubRequestRoute } from '../../data-plane/sub-request-route.js';
import { EndClientRequest } from './end-client-request.js';
import { GatewayAuthorizer } from './gateway-authorizer.js';
import { WrongRequirement } from './requirement.js';
import { readSubRequest, type SubRequest } from './sub-request.js';
import { wrongRequirement } from './wrong-requirement.js';

/**
 * `/forward-auth`, by any method and with any path behind it: a gateway asks whether it may let an end
 * client's request through. Read what it requires → authorize → answer.
 * Exactly 200, 401 or 403: nginx takes others for errors, and Envoy lets no other 2xx through. What
 * is not a decision (an outage, a gateway that asks wrongly) is 5xx, which every gateway takes for no.
 */
@Injectable()
export class ForwardAuthEndpoint implements SubRequestRoute {
  readonly path = '/forward-auth';
  readonly access = { kind: 'holder' } as const;

  constructor(
    private readonly authorizer: GatewayAuthorizer,
    private readonly certificates: ClientCertificates,
    @Inject(CONFIG) private readonly config: Pick<Config, 'trustedProxies'>,
  ) {}

  handle(request: DataPlaneRequest, response: ServerResponse): void | Promise<void> {
    const subRequest = this.#read(request);
    const { requirement } = subRequest;
    const endClient = new EndClientRequest(request, subRequest, this.config.trustedProxies);
    const { headers } = request;
    const certificateThumbprint = this.#certificateThumbprint(request);
    const question = { requirement, headers, endClient, certificateThumbprint };
    const allowed = this.authorizer.authorize(question);
    return allowed instanceof Promise
      ? allowed.then((settled) => answer(response, settled))
      : answer(response, allowed);
  }

  #certificateThumbprint(request: DataPlaneRequest): string | undefined {
    try {
      return this.certificates.ofEndClient(request)?.thumbprint;
    } catch (error) {
      if (!(error instanceof MalformedCertificate)) throw error;
      throw wrongRequirement(`the client certificate: ${error.message}`);
    }
  }

  #read(request: DataPlaneRequest): SubRequest {
    try {
      return readSubRequest(request.url, this.path, request.headers);
    } catch (error) {
      if (error instanceof WrongRequirement) throw wrongRequirement(error.message);
      throw error;
    }
  }
}

const HEADERS = ['cache-control', 'no-store', 'content-length', '0'];

/**
 * Exactly 200, without a body, and never cached: nginx would keep a 200 that lacks `no-store` where it
 * caches.
 */
function answer(response: ServerResponse, headers: readonly string[]): void {
  response.writeHead(200, [...HEADERS, ...keepAliveHint(response), ...headers]);
  response.end();
}

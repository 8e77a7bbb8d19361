import type { ServerResponse } from 'node:http';
import { JSON_MEDIA_TYPE } from '../http/body-parsers.js';
import { ProblemException } from '../http/problem.js';
import { readJson } from '../http/read-json.js';
import { DataPlaneRequest } from './data-plane-request.js';
import type { AnyDataPlaneRoute, DataPlaneRoute, FormRequest } from './data-plane-route.js';
import { FormParameters } from './form-parameters.js';
import { hasBody } from './has-body.js';
import { hasMediaType } from './has-media-type.js';
import { OAuthFailure } from './oauth-failure.js';
import { readBody } from './read-body.js';
import type { SenderAddress } from './sender-address.js';
import type { Refuse, Serve } from './serve.js';
import { BODY_LIMIT_BYTES } from './to-data-plane-problem.js';
import { UnreadableBody } from './unreadable-body.js';

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

/**
 * Serves an endpoint: `POST` only → read the body, as the endpoint has it → let it handle the request.
 */
export function serveEndpoint(
  route: AnyDataPlaneRoute,
  senderAddress: SenderAddress,
  refuse: Refuse,
): Serve {
  const mediaType = isFormRoute(route) ? FORM_MEDIA_TYPE : JSON_MEDIA_TYPE;
  const read = isFormRoute(route) ? readForm : readJsonBody;

  const handle = (request: DataPlaneRequest, response: ServerResponse) => {
    try {
      const handling = isFormRoute(route)
        ? route.handle(requireForm(request), response)
        : route.handle(request, response);
      handling?.catch((error: unknown) => refuse(request, response, error));
    } catch (error) {
      refuse(request, response, error);
    }
  };

  return (raw, response) => {
    const request = new DataPlaneRequest(raw, senderAddress);
    if (raw.method !== 'POST') {
      response.setHeader('allow', 'POST');
      refuse(request, response, new OAuthFailure('invalid_request', 'use POST', { status: 405 }));
      return;
    }
    const contentType = raw.headers['content-type'];
    if (contentType === undefined && !hasBody(raw)) {
      handle(request, response);
      return;
    }
    if (!hasMediaType(contentType, mediaType)) {
      refuse(request, response, new UnreadableBody('wrong_media_type'));
      return;
    }
    const onRead = (octets: Buffer) => {
      try {
        request.body = read(octets);
      } catch (error) {
        refuse(request, response, error);
        return;
      }
      handle(request, response);
    };
    readBody(raw, BODY_LIMIT_BYTES, onRead, (error) => {
      // The rest of it is still to come, and nobody reads it.
      response.setHeader('connection', 'close');
      refuse(request, response, error);
    });
  };
}

function isFormRoute(route: AnyDataPlaneRoute): route is DataPlaneRoute {
  return route.errors === undefined || route.errors === 'oauth';
}

/** Bytes beyond ASCII are for it to refuse. */
function readForm(octets: Buffer): FormParameters {
  return new FormParameters(octets.toString('latin1'));
}

function readJsonBody(octets: Buffer): unknown {
  const reading = readJson(octets);
  if (reading.ok) return reading.value;
  throw new ProblemException('malformed_request', reading.detail);
}

function requireForm(request: DataPlaneRequest): FormRequest {
  if (request.body instanceof FormParameters) return request as FormRequest;
  throw new OAuthFailure('invalid_request', `the body must be form-encoded: ${FORM_MEDIA_TYPE}`);
}

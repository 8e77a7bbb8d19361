import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from './problem.js';
import { readJson } from './read-json.js';

/** The largest request body that the admin API reads. */
export const BODY_LIMIT_BYTES = 65_536;

export const JSON_MEDIA_TYPE = 'application/json';
export const MERGE_PATCH_MEDIA_TYPE = 'application/merge-patch+json';

/**
 * Makes JSON the only thing that is read, and reads it strictly. To be called between the creation
 * of the application, which needs `bodyParser: false`, and its initialisation.
 */
export function useJsonBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES } as const;
  fastify.addContentTypeParser(JSON_MEDIA_TYPE, options, readBody);
  fastify.addContentTypeParser(MERGE_PATCH_MEDIA_TYPE, options, readMergePatch);
}

async function readBody(_request: FastifyRequest, body: Buffer): Promise<unknown> {
  return requireJson(body);
}

async function readMergePatch(request: FastifyRequest, body: Buffer): Promise<unknown> {
  // RFC 7396 §3: the media type describes a patch, and nothing else.
  if (request.method === 'PATCH') return requireJson(body);
  throw new ProblemException('unsupported_media_type', 'A merge patch is the body of PATCH only.');
}

function requireJson(body: Buffer): unknown {
  const reading = readJson(body);
  if (reading.ok) return reading.value;
  throw new ProblemException('malformed_request', reading.detail);
}

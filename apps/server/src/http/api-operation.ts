import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { changed, removed } from '@countersign/contracts';
import type { z } from 'zod';
import { ApiProblems } from './api-problems.js';
import { JSON_MEDIA_TYPE, MERGE_PATCH_MEDIA_TYPE } from './body-parsers.js';
import { IDEMPOTENCY_KEY_HEADER } from './idempotent-request.js';
import { PREFER_PARAMETER } from './preferred-wait.js';

export interface ApiRoute {
  readonly operationId: string;
  readonly summary: string;
  /** What the operation promises beyond its summary. */
  readonly description?: string;
}

/** A POST that creates: 201, Location, and at most once for each Idempotency-Key. */
export function ApiCreates(route: ApiRoute, answer: z.ZodType): MethodDecorator {
  return applyDecorators(
    ApiOperation({ ...route }),
    HttpCode(201),
    ApiHeader({
      name: IDEMPOTENCY_KEY_HEADER,
      required: false,
      description: 'A retry with the same key within 24 hours gets the first answer again.',
      schema: { type: 'string', minLength: 1, maxLength: 128 },
    }),
    ApiResponse({ status: 201, description: 'Created.', standardSchema: answer, headers: CREATED }),
    ...withBody(),
    ApiProblems('idempotency_key_reused'),
  );
}

/** A POST that creates what takes the place of something else. */
export function ApiSupersedes(route: ApiRoute, answer: z.ZodObject): MethodDecorator {
  return applyDecorators(
    ApiCreates(route, changed(answer)),
    ...unconfirmed(changed(answer), CREATED),
  );
}

/** A route that answers 200 with a resource or a page of them. */
export function ApiReads(route: ApiRoute, answer: z.ZodType): MethodDecorator {
  return applyDecorators(
    ApiOperation({ ...route }),
    ApiResponse({ status: 200, description: 'OK.', standardSchema: answer }),
  );
}

/** A POST that changes what there is: 200, or 202 where that is not confirmed. */
export function ApiActs(route: ApiRoute, answer: z.ZodObject): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    ApiReads(route, changed(answer)),
    ...unconfirmed(changed(answer)),
    ...withBody(),
  );
}

/** A PATCH by JSON merge patch: 200, or 202 where that is not confirmed. @see RFC 7396 */
export function ApiPatches(route: ApiRoute, answer: z.ZodObject): MethodDecorator {
  return applyDecorators(
    ApiReads(route, changed(answer)),
    ...unconfirmed(changed(answer)),
    ApiConsumes(MERGE_PATCH_MEDIA_TYPE, JSON_MEDIA_TYPE),
    ...withBody(),
  );
}

/** A DELETE: 200, or 202 where that is not confirmed. */
export function ApiRemoves(route: ApiRoute): MethodDecorator {
  return applyDecorators(
    ApiReads(route, removed),
    HttpCode(200),
    ...unconfirmed(removed),
    ApiProblems('not_found'),
  );
}

const CREATED = {
  Location: { description: 'path of what was created', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` when an earlier request with the same Idempotency-Key created it',
    schema: { type: 'string' },
  },
} as const;

/** What a change answers that takes something away, when not every replica is known to have it. */
function unconfirmed(answer: z.ZodType, headers?: typeof CREATED) {
  return [
    ApiHeader(PREFER_PARAMETER),
    ApiResponse({
      status: 202,
      description:
        'Done, but not confirmed: a replica may still accept what was revoked, for ' +
        '`propagation.bound_ms` at most. The same request again confirms it, where what it speaks of ' +
        'is still there.',
      standardSchema: answer,
      ...(headers && { headers }),
    }),
  ];
}

function withBody() {
  return [
    ApiProblems(
      'malformed_request',
      'payload_too_large',
      'unsupported_media_type',
      'validation_failed',
    ),
  ];
}

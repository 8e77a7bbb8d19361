import { z } from 'zod';

/** Every problem of the admin API: its stable `code`, HTTP status and title. */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request could not be read' },
  invalid_request: { status: 400, title: 'The request contradicts itself' },
  unauthenticated: { status: 401, title: 'No valid credential was presented' },
  insufficient_scope: { status: 403, title: 'The credential lacks the scope' },
  not_permitted: { status: 403, title: 'The caller may not do this' },
  grant_exceeds_caller: { status: 403, title: 'The caller cannot grant what it does not hold' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  not_acceptable: { status: 406, title: 'It is not had in any media type that was asked for' },
  already_exists: { status: 409, title: 'There is one already' },
  in_use: { status: 409, title: 'The resource is still in use' },
  wrong_state: { status: 409, title: 'The resource is in a state that forbids this' },
  too_early: { status: 409, title: 'This cannot be done safely yet' },
  idempotency_key_in_progress: { status: 409, title: 'The first request is still in progress' },
  payload_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  validation_failed: { status: 422, title: 'The request is well-formed, but not valid' },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used for another request',
  },
  internal_error: { status: 500, title: 'An error that is ours' },
  unavailable: { status: 503, title: 'The service cannot answer now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error of the admin API, `application/problem+json`. @see RFC 9457 §3 */
export const problem = z
  .strictObject({
    type: z.string().describe('URI of the documentation of `code`'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string().optional(),
    errors: z
      .array(z.strictObject({ field: z.string(), message: z.string() }))
      .optional()
      .describe('for `validation_failed`: each field that was wrong'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;

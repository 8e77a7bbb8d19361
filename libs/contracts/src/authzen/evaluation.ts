import { z } from 'zod';
import { decisionCode, decisionFailure } from '../decision/decision-code.js';
import { isProofCheckable, UNCHECKABLE_PROOF } from '../decision/is-proof-checkable.js';
import { endClientContext } from '../decision/verify.js';

/** `credential`: the `id` is the credential itself. */
export const SUBJECT_TYPE_CREDENTIAL = 'credential';
/** The `id` is the audience URI of an API. */
export const RESOURCE_TYPE_RESOURCE_SERVER = 'resource_server';

/**
 * The entities of an access evaluation. Fields that are not known are ignored, as the standard
 * demands of a receiver.
 * @see OpenID AuthZEN Authorization API 1.0 §5, §10.1.1
 */
export const evaluationEntities = {
  subject: z.object({
    type: z.string().describe('`credential`, `user` or `service`'),
    id: z.string().describe('the credential itself, or the id of its principal'),
    properties: z
      .object({
        credential: z.string().optional().describe('for `user` and `service`: the credential'),
      })
      .optional(),
  }),
  action: z.object({ name: z.string().describe('the scope that is needed') }),
  resource: z.object({
    type: z.string().describe('`resource_server`'),
    id: z.string().describe('the audience URI of the API'),
  }),
  context: z
    .object({
      ip: z.string().optional().describe('address of the end client'),
      method: z.string().optional().describe('HTTP method, upper case'),
      path: z.string().optional().describe('path as on the wire, still encoded'),
      certificate_thumbprint: z
        .string()
        .optional()
        .describe('SHA-256 thumbprint of its certificate, as `x5t#S256` has it'),
      dpop_proof: endClientContext.shape.dpop_proof,
      url: endClientContext.shape.url,
    })
    .refine(isProofCheckable, UNCHECKABLE_PROOF),
};

/** Body of `POST /access/v1/evaluation`. @see AuthZEN §6.1 */
export const evaluationRequest = z
  .object({ ...evaluationEntities, context: evaluationEntities.context.optional() })
  .meta({ id: 'EvaluationRequest' });

/** @see AuthZEN §5.5, §6.2 */
export const evaluationResponse = z
  .strictObject({
    decision: z.boolean(),
    context: z
      .strictObject({
        code: z.union([decisionCode, z.enum(['unsupported_subject', 'unsupported_resource'])]),
        failures: z.array(decisionFailure).optional(),
        dpop_nonce: z
          .string()
          .optional()
          .describe('for the end client, whose next proof needs it (RFC 9449 §9)'),
      })
      .optional()
      .describe('why it was denied; with a permit, only where there is a nonce to hand on'),
  })
  .meta({ id: 'EvaluationResponse' });

export type EvaluationRequest = z.infer<typeof evaluationRequest>;
export type EvaluationResponse = z.infer<typeof evaluationResponse>;

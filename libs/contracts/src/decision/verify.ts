import { z } from 'zod';
import { audience } from '../audience.js';
import { certificateThumbprint } from '../certificate-thumbprint.js';
import { principal } from '../principal.js';
import { decisionCode, decisionFailure } from './decision-code.js';
import { explanation } from './explanation.js';
import { isProofCheckable, UNCHECKABLE_PROOF } from './is-proof-checkable.js';
import { scopeExpression } from './scope-expression.js';

/** The request of the end client, as far as the caller tells it. */
export const endClientContext = z
  .strictObject({
    ip: z.string().min(1).max(64).optional().describe('address of the end client'),
    method: z.string().min(1).max(32).optional().describe('HTTP method, upper case'),
    path: z.string().min(1).max(8192).optional().describe('path as on the wire, still encoded'),
    certificate_thumbprint: certificateThumbprint
      .optional()
      .describe('SHA-256 thumbprint of its certificate, as `x5t#S256` has it'),
    dpop_proof: z
      .string()
      .min(1)
      .max(16_384)
      .optional()
      .describe('the `DPoP` header that came with the credential; needs `method` and `url`'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(8192)
      .optional()
      .describe('absolute URL of the request, as the end client knows it'),
  })
  .refine(isProofCheckable, UNCHECKABLE_PROOF)
  .meta({ id: 'EndClientContext' });

/** Body of `POST /v1/verify`: may this credential be used for this, here and now? */
export const verifyRequest = z
  .strictObject({
    credential: z.string().min(1).describe('an API key or a JWT'),
    audience: audience.optional().describe('the API at which it is used'),
    required_scopes: scopeExpression.optional(),
    context: endClientContext.optional(),
    cost: z
      .number()
      .int()
      .nonnegative()
      .max(1_000_000)
      .default(1)
      .describe('what the use weighs; checked, but there are no limits yet that it counts against'),
    explain: z
      .boolean()
      .default(false)
      .describe('adds what each step found; needs `countersign:verify:explain`'),
    dry_run: z.boolean().default(false).describe('decides without recording a use'),
  })
  .meta({ id: 'VerifyRequest' });

export const verifyResponse = z
  .strictObject({
    allowed: z.boolean(),
    code: decisionCode,
    principal: principal
      .nullable()
      .describe('null unless the credential in itself is valid and the caller may see it'),
    failures: z.array(decisionFailure).describe('every check that failed, the gravest first'),
    dpop_nonce: z
      .string()
      .optional()
      .describe('for the end client, whose next proof needs it (RFC 9449 §9)'),
    explanation: explanation.optional(),
  })
  .meta({ id: 'VerifyResponse' });

export type EndClientContext = z.infer<typeof endClientContext>;
export type VerifyRequest = z.infer<typeof verifyRequest>;
export type VerifyResponse = z.infer<typeof verifyResponse>;

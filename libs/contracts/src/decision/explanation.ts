import { z } from 'zod';
import { CREDENTIAL_TYPES } from '../principal.js';
import { REJECTION_CODES } from '../rejection-code.js';
import { CHECK_NAMES } from './check-name.js';

const outcome = z
  .enum(['passed', 'failed', 'not_reached'])
  .describe('`not_reached`: an earlier step had failed');
const code = z.enum(REJECTION_CODES).optional().describe('why it failed');

/** The five steps of the way of a credential, in order, and what each of them found. */
export const explanation = z
  .strictObject({
    present: z.strictObject({
      outcome,
      characters: z.number().int().describe('how long the credential is'),
    }),
    recognise: z.strictObject({
      outcome,
      kind: z.enum([...CREDENTIAL_TYPES, 'unrecognised']),
    }),
    verify: z.strictObject({ outcome, code }),
    principal: z.strictObject({
      outcome,
      subject: z.string().optional(),
      credential_id: z.string().optional(),
      scopes: z.array(z.string()).optional().describe('effective at the audience asked about'),
    }),
    decide: z.strictObject({
      outcome,
      checks: z
        .array(z.strictObject({ check: z.enum(CHECK_NAMES), outcome, code }))
        .describe('every check, the gravest first'),
    }),
  })
  .meta({ id: 'Explanation' });

export type Explanation = z.infer<typeof explanation>;

import { z } from 'zod';
import { identifier } from '../identifier.js';
import { instant, instantInput } from '../instant.js';
import { pageOf, pageQuery } from './page.js';

export const AUDITED_RESOURCES = [
  'organization',
  'principal',
  'key',
  'role',
  'resource_server',
  'signing_key',
  'token',
  'refresh_token',
  'trusted_issuer',
  'federated_identity',
] as const;

/** One change: who, by which credential, from where, what, before and after. Never a secret. */
export const auditEvent = z
  .strictObject({
    id: identifier('auditEvent'),
    occurred_at: instant,
    action: z.string().meta({ examples: ['key.created', 'key.revoked'] }),
    actor: z.strictObject({
      principal_id: z.string().nullable().describe('null: the service itself'),
      credential_type: z.string().nullable(),
      credential_id: z.string().nullable(),
    }),
    source: z.strictObject({
      ip: z.string().nullable(),
      user_agent: z.string().nullable(),
      request_id: z.string().nullable(),
    }),
    organization_id: z.string().nullable(),
    resource: z.strictObject({ type: z.enum(AUDITED_RESOURCES), id: z.string() }),
    reason: z.string().nullable(),
    before: z.record(z.string(), z.json()).nullable(),
    after: z.record(z.string(), z.json()).nullable(),
  })
  .meta({ id: 'AuditEvent' });

export const listAuditEvents = pageQuery.extend({
  action: z.string().max(64).optional(),
  actor_principal_id: identifier('principal').optional(),
  resource_type: z.enum(AUDITED_RESOURCES).optional(),
  resource_id: z.string().max(64).optional(),
  organization_id: identifier('organization').optional(),
  from: instantInput.optional().describe('at or after'),
  to: instantInput.optional().describe('before'),
});
export const auditEventPage = pageOf(auditEvent, 'AuditEventPage');

export type AuditEvent = z.infer<typeof auditEvent>;
export type AuditedResource = (typeof AUDITED_RESOURCES)[number];
export type ListAuditEvents = z.infer<typeof listAuditEvents>;

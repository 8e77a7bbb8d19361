import type { AuditEvent } from '@countersign/contracts';
import type { AuditEventEntity } from '@countersign/persistence';

/** An audit event as the admin API shows it. */
export function toAuditEvent(row: AuditEventEntity): AuditEvent {
  return {
    id: row.id,
    occurred_at: row.occurredAt.toISOString(),
    action: row.action,
    actor: {
      principal_id: row.actorPrincipalId,
      credential_type: row.actorCredentialType,
      credential_id: row.actorCredentialId,
    },
    source: {
      ip: row.sourceIp,
      user_agent: row.userAgent,
      request_id: row.requestId,
    },
    organization_id: row.organizationId,
    resource: { type: row.resourceType, id: row.resourceId },
    reason: row.reason,
    before: row.before,
    after: row.after,
  };
}

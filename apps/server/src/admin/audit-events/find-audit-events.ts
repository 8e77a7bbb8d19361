import { type AuditEvent, type ListAuditEvents, type Page, toDate } from '@countersign/contracts';
import { AuditEventEntity, listPage } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { reachOf } from '../reach.js';
import { toAuditEvent } from './to-audit-event.js';

/** A page of what was done within the caller's reach, newest first. */
export async function findAuditEvents(
  manager: EntityManager,
  caller: Caller,
  query: ListAuditEvents,
): Promise<Page<AuditEvent>> {
  const found = manager.createQueryBuilder(AuditEventEntity, 'event');
  const reach = reachOf(caller);
  if (reach !== null) found.andWhere('event.organizationId = :reach', { reach });
  const equal = {
    action: query.action,
    actorPrincipalId: query.actor_principal_id,
    resourceType: query.resource_type,
    resourceId: query.resource_id,
    organizationId: query.organization_id,
  };
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) found.andWhere(`event.${column} = :${column}`, { [column]: value });
  }
  const { from, to } = query;
  if (from !== undefined) found.andWhere('event.occurredAt >= :from', { from: toDate(from) });
  if (to !== undefined) found.andWhere('event.occurredAt < :to', { to: toDate(to) });

  const { rows, nextCursor } = await listPage(found, 'id', query);
  return { data: rows.map(toAuditEvent), next_cursor: nextCursor };
}

import type { AuditEvent } from '@countersign/contracts';
import { AuditEventEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { notFound } from '../../http/problem.js';
import { isWithinReach } from '../reach.js';
import { toAuditEvent } from './to-audit-event.js';

/** One audit event. @throws {ProblemException} `not_found` */
export async function readAuditEvent(
  manager: EntityManager,
  caller: Caller,
  id: string,
): Promise<AuditEvent> {
  const row = await manager.findOneBy(AuditEventEntity, { id });
  if (row === null || !isWithinReach(caller, row.organizationId)) throw notFound('audit event');
  return toAuditEvent(row);
}

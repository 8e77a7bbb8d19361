import {
  auditEvent,
  auditEventPage,
  identifier,
  type ListAuditEvents,
  listAuditEvents,
} from '@countersign/contracts';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiReads } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ReadRunner } from '../read-runner.js';
import { findAuditEvents } from './find-audit-events.js';
import { readAuditEvent } from './read-audit-event.js';

const id = identifier('auditEvent');

@ApiTags('Audit events')
@Controller('v1/audit-events')
export class AuditEventsController {
  constructor(private readonly reads: ReadRunner) {}

  @Get()
  @RequireScope('countersign:audit-events:read')
  @ApiReads(
    { operationId: 'listAuditEvents', summary: 'Lists what was done, newest first' },
    auditEventPage,
  )
  @ApiProblems('validation_failed')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listAuditEvents }) query: ListAuditEvents,
  ) {
    return this.reads.run((manager) => findAuditEvents(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:audit-events:read')
  @ApiReads({ operationId: 'getAuditEvent', summary: 'Shows what was done' }, auditEvent)
  @ApiProblems('not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) eventId: string) {
    return this.reads.run((manager) => readAuditEvent(manager, caller, eventId));
  }
}

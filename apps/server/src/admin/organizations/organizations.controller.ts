import {
  type CreateOrganization,
  createOrganization,
  identifier,
  type ListOrganizations,
  listOrganizations,
  organization,
  organizationPage,
  type PatchOrganization,
  patchOrganization,
} from '@countersign/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiCreates, ApiPatches, ApiReads, ApiRemoves } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { ReadRunner } from '../read-runner.js';
import { addOrganization } from './add-organization.js';
import { changeOrganization } from './change-organization.js';
import { findOrganizations } from './find-organizations.js';
import { readOrganization } from './read-organization.js';
import { removeOrganization } from './remove-organization.js';

const id = identifier('organization');

@ApiTags('Organizations')
@Controller('v1/organizations')
export class OrganizationsController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
  ) {}

  @Post()
  @RequireScope('countersign:organizations:write')
  @ApiCreates(
    { operationId: 'createOrganization', summary: 'Creates an organization' },
    organization,
  )
  @ApiProblems('not_permitted')
  create(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: createOrganization }) body: CreateOrganization,
  ) {
    return this.changes.create(request, (tx) => addOrganization(tx, request.caller, body));
  }

  @Get()
  @RequireScope('countersign:organizations:read')
  @ApiReads(
    { operationId: 'listOrganizations', summary: 'Lists organizations, newest first' },
    organizationPage,
  )
  @ApiProblems('validation_failed')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listOrganizations }) query: ListOrganizations,
  ) {
    return this.reads.run((manager) => findOrganizations(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:organizations:read')
  @ApiReads({ operationId: 'getOrganization', summary: 'Shows an organization' }, organization)
  @ApiProblems('not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) organizationId: string) {
    return this.reads.run((manager) => readOrganization(manager, caller, organizationId));
  }

  @Patch(':id')
  @RequireScope('countersign:organizations:write')
  @ApiPatches(
    {
      operationId: 'updateOrganization',
      summary: 'Changes an organization',
      description: 'Disabling it turns away every credential of its principals.',
    },
    organization,
  )
  @ApiProblems('not_found')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) organizationId: string,
    @Body({ schema: patchOrganization }) patch: PatchOrganization,
  ) {
    return this.changes.run(request, (tx) =>
      changeOrganization(tx, request.caller, organizationId, patch),
    );
  }

  @Delete(':id')
  @RequireScope('countersign:organizations:write')
  @ApiRemoves({
    operationId: 'deleteOrganization',
    summary: 'Deletes an organization that has no principals',
  })
  @ApiProblems('in_use')
  remove(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) organizationId: string,
  ) {
    return this.changes.remove(request, (tx) =>
      removeOrganization(tx, request.caller, organizationId),
    );
  }
}

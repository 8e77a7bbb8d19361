import {
  type CreateRole,
  createRole,
  identifier,
  type ListRoles,
  listRoles,
  type PatchRole,
  patchRole,
  role,
  rolePage,
} from '@countersign/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiCreates, ApiPatches, ApiReads, ApiRemoves } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import { CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { ReadRunner } from '../read-runner.js';
import { addRole } from './add-role.js';
import { changeRole } from './change-role.js';
import { findRoles } from './find-roles.js';
import { readRole } from './read-role.js';
import { removeRole } from './remove-role.js';

const id = identifier('role');

@ApiTags('Roles')
@Controller('v1/roles')
export class RolesController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
  ) {}

  @Post()
  @RequireScope('countersign:roles:write')
  @ApiCreates(
    {
      operationId: 'createRole',
      summary: 'Creates a role',
      description: 'The caller holds every scope of it.',
    },
    role,
  )
  @ApiProblems('not_permitted', 'grant_exceeds_caller', 'already_exists')
  create(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: createRole }) body: CreateRole,
  ) {
    return this.changes.create(request, (tx) => addRole(tx, request.caller, body));
  }

  @Get()
  @RequireScope('countersign:roles:read')
  @ApiReads({ operationId: 'listRoles', summary: 'Lists roles, newest first' }, rolePage)
  @ApiProblems('validation_failed')
  list(@Query({ schema: listRoles }) query: ListRoles) {
    return this.reads.run((manager) => findRoles(manager, query));
  }

  @Get(':id')
  @RequireScope('countersign:roles:read')
  @ApiReads({ operationId: 'getRole', summary: 'Shows a role' }, role)
  @ApiProblems('not_found')
  get(@Param('id', { schema: id }) roleId: string) {
    return this.reads.run((manager) => readRole(manager, roleId));
  }

  @Patch(':id')
  @RequireScope('countersign:roles:write')
  @ApiPatches(
    {
      operationId: 'updateRole',
      summary: 'Changes a role, and so what all who hold it may do',
      description: 'Scopes that the role newly has, the caller holds itself.',
    },
    role,
  )
  @ApiProblems('not_permitted', 'grant_exceeds_caller', 'not_found')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) roleId: string,
    @Body({ schema: patchRole }) patch: PatchRole,
  ) {
    return this.changes.run(request, (tx) => changeRole(tx, request.caller, roleId, patch));
  }

  @Delete(':id')
  @RequireScope('countersign:roles:write')
  @ApiRemoves({ operationId: 'deleteRole', summary: 'Deletes a role that no principal holds' })
  @ApiProblems('not_permitted', 'in_use')
  remove(@CurrentRequest() request: RequestContext, @Param('id', { schema: id }) roleId: string) {
    return this.changes.remove(request, (tx) => removeRole(tx, request.caller, roleId));
  }
}

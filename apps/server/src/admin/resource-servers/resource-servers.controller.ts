import {
  type CreateResourceServer,
  createResourceServer,
  identifier,
  type ListResourceServers,
  listResourceServers,
  type PatchResourceServer,
  patchResourceServer,
  resourceServer,
  resourceServerPage,
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
import { addResourceServer } from './add-resource-server.js';
import { changeResourceServer } from './change-resource-server.js';
import { findResourceServers } from './find-resource-servers.js';
import { readResourceServer } from './read-resource-server.js';
import { removeResourceServer } from './remove-resource-server.js';

const id = identifier('resourceServer');

@ApiTags('Resource servers')
@Controller('v1/resource-servers')
export class ResourceServersController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
  ) {}

  @Post()
  @RequireScope('countersign:resource-servers:write')
  @ApiCreates(
    {
      operationId: 'createResourceServer',
      summary: 'Registers an API that accepts our credentials',
    },
    resourceServer,
  )
  @ApiProblems('not_permitted', 'already_exists')
  create(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: createResourceServer }) body: CreateResourceServer,
  ) {
    return this.changes.create(request, (tx) => addResourceServer(tx, request.caller, body));
  }

  @Get()
  @RequireScope('countersign:resource-servers:read')
  @ApiReads(
    { operationId: 'listResourceServers', summary: 'Lists resource servers, newest first' },
    resourceServerPage,
  )
  @ApiProblems('validation_failed')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listResourceServers }) query: ListResourceServers,
  ) {
    return this.reads.run((manager) => findResourceServers(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:resource-servers:read')
  @ApiReads(
    { operationId: 'getResourceServer', summary: 'Shows a resource server' },
    resourceServer,
  )
  @ApiProblems('not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) resourceServerId: string) {
    return this.reads.run((manager) => readResourceServer(manager, caller, resourceServerId));
  }

  @Patch(':id')
  @RequireScope('countersign:resource-servers:write')
  @ApiPatches(
    {
      operationId: 'updateResourceServer',
      summary: 'Changes what a resource server asks of its tokens, and who acts for it',
    },
    resourceServer,
  )
  @ApiProblems('not_permitted', 'not_found')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) resourceServerId: string,
    @Body({ schema: patchResourceServer }) patch: PatchResourceServer,
  ) {
    return this.changes.run(request, (tx) =>
      changeResourceServer(tx, request.caller, resourceServerId, patch),
    );
  }

  @Delete(':id')
  @RequireScope('countersign:resource-servers:write')
  @ApiRemoves({ operationId: 'deleteResourceServer', summary: 'Deletes a resource server' })
  @ApiProblems('not_permitted')
  remove(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) resourceServerId: string,
  ) {
    return this.changes.remove(request, (tx) =>
      removeResourceServer(tx, request.caller, resourceServerId),
    );
  }
}

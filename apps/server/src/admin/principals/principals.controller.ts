import {
  type CreatePrincipal,
  createPrincipal,
  identifier,
  type ListPrincipals,
  listPrincipals,
  type PatchPrincipal,
  patchPrincipal,
  principalPage,
  principalResource,
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
import { addPrincipal } from './add-principal.js';
import { changePrincipal } from './change-principal.js';
import { findPrincipals } from './find-principals.js';
import { readPrincipal } from './read-principal.js';
import { removePrincipal } from './remove-principal.js';

const id = identifier('principal');

@ApiTags('Principals')
@Controller('v1/principals')
export class PrincipalsController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
  ) {}

  @Post()
  @RequireScope('countersign:principals:write')
  @ApiCreates(
    {
      operationId: 'createPrincipal',
      summary: 'Creates a principal',
      description:
        'The caller holds every scope that it grants, also those of the roles. A caller that is ' +
        'limited to an organization creates in that organization.',
    },
    principalResource,
  )
  @ApiProblems('not_permitted', 'grant_exceeds_caller', 'not_found', 'already_exists')
  create(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: createPrincipal }) body: CreatePrincipal,
  ) {
    return this.changes.create(request, (tx) => addPrincipal(tx, request.caller, body));
  }

  @Get()
  @RequireScope('countersign:principals:read')
  @ApiReads(
    { operationId: 'listPrincipals', summary: 'Lists principals, newest first' },
    principalPage,
  )
  @ApiProblems('validation_failed')
  list(@CurrentCaller() caller: Caller, @Query({ schema: listPrincipals }) query: ListPrincipals) {
    return this.reads.run((manager) => findPrincipals(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:principals:read')
  @ApiReads({ operationId: 'getPrincipal', summary: 'Shows a principal' }, principalResource)
  @ApiProblems('not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) principalId: string) {
    return this.reads.run((manager) => readPrincipal(manager, caller, principalId));
  }

  @Patch(':id')
  @RequireScope('countersign:principals:write')
  @ApiPatches(
    {
      operationId: 'updatePrincipal',
      summary: 'Changes a principal',
      description:
        'A scope or role that is taken away is gone from all of its keys at once; what is newly ' +
        'granted, the caller holds itself.',
    },
    principalResource,
  )
  @ApiProblems('grant_exceeds_caller', 'not_found', 'already_exists')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) principalId: string,
    @Body({ schema: patchPrincipal }) patch: PatchPrincipal,
  ) {
    return this.changes.run(request, (tx) =>
      changePrincipal(tx, request.caller, principalId, patch),
    );
  }

  @Delete(':id')
  @RequireScope('countersign:principals:write')
  @ApiRemoves({
    operationId: 'deletePrincipal',
    summary: 'Deletes a principal and its keys, which are accepted no more',
  })
  remove(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) principalId: string,
  ) {
    return this.changes.remove(request, (tx) => removePrincipal(tx, request.caller, principalId));
  }
}

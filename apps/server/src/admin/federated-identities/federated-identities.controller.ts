import {
  federatedIdentity,
  federatedIdentityPage,
  identifier,
  type ListFederatedIdentities,
  listFederatedIdentities,
  type PatchFederatedIdentity,
  patchFederatedIdentity,
} from '@countersign/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiPatches, ApiReads, ApiRemoves } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { ReadRunner } from '../read-runner.js';
import { changeFederatedIdentity } from './change-federated-identity.js';
import { findFederatedIdentities } from './find-federated-identities.js';
import { readFederatedIdentity } from './read-federated-identity.js';
import { removeFederatedIdentity } from './remove-federated-identity.js';

const id = identifier('federatedIdentity');

/** Whom the subjects of trusted issuers stand for. Nobody creates one here: their tokens do. */
@ApiTags('Federated identities')
@Controller('v1/federated-identities')
export class FederatedIdentitiesController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
  ) {}

  @Get()
  @RequireScope('countersign:federated-identities:read')
  @ApiReads(
    { operationId: 'listFederatedIdentities', summary: 'Lists federated identities, newest first' },
    federatedIdentityPage,
  )
  @ApiProblems('validation_failed', 'not_permitted')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listFederatedIdentities }) query: ListFederatedIdentities,
  ) {
    return this.reads.run((manager) => findFederatedIdentities(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:federated-identities:read')
  @ApiReads(
    { operationId: 'getFederatedIdentity', summary: 'Shows a federated identity' },
    federatedIdentity,
  )
  @ApiProblems('not_permitted', 'not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) identityId: string) {
    return this.reads.run((manager) => readFederatedIdentity(manager, caller, identityId));
  }

  @Patch(':id')
  @RequireScope('countersign:federated-identities:write')
  @ApiPatches(
    { operationId: 'updateFederatedIdentity', summary: 'Disables or enables a federated identity' },
    federatedIdentity,
  )
  @ApiProblems('not_permitted', 'not_found')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) identityId: string,
    @Body({ schema: patchFederatedIdentity }) patch: PatchFederatedIdentity,
  ) {
    return this.changes.run(request, (tx) =>
      changeFederatedIdentity(tx, request.caller, identityId, patch),
    );
  }

  @Delete(':id')
  @RequireScope('countersign:federated-identities:write')
  @ApiRemoves({
    operationId: 'deleteFederatedIdentity',
    summary: 'Forgets whom a subject stands for',
  })
  @ApiProblems('not_permitted')
  remove(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) identityId: string,
  ) {
    return this.changes.remove(request, (tx) =>
      removeFederatedIdentity(tx, request.caller, identityId),
    );
  }
}

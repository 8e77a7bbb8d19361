import {
  apiKey,
  apiKeyPage,
  identifier,
  issuedApiKey,
  type ListApiKeys,
  listApiKeys,
  type PatchApiKey,
  patchApiKey,
  type RevokeApiKey,
  type RotateApiKey,
  revokeApiKey,
  rotateApiKey,
} from '@countersign/contracts';
import type { MintApiKey } from '@countersign/core';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ApiActs,
  ApiPatches,
  ApiReads,
  ApiRemoves,
  ApiSupersedes,
} from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { API_KEY_MINTER } from '../ports.js';
import { ReadRunner } from '../read-runner.js';
import { changeKey } from './change-key.js';
import { findKeys } from './find-keys.js';
import { readKey } from './read-key.js';
import { removeKey } from './remove-key.js';
import { revokeKey } from './revoke-key.js';
import { rotateKey } from './rotate-key.js';

const id = identifier('apiKey');

@ApiTags('Keys')
@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
    @Inject(API_KEY_MINTER) private readonly mint: MintApiKey,
  ) {}

  @Get()
  @RequireScope('countersign:keys:read')
  @ApiReads({ operationId: 'listKeys', summary: 'Lists keys, newest first' }, apiKeyPage)
  @ApiProblems('validation_failed')
  list(@CurrentCaller() caller: Caller, @Query({ schema: listApiKeys }) query: ListApiKeys) {
    return this.reads.run((manager) => findKeys(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:keys:read')
  @ApiReads({ operationId: 'getKey', summary: 'Shows a key, without its secret' }, apiKey)
  @ApiProblems('not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) keyId: string) {
    return this.reads.run((manager) => readKey(manager, caller, keyId));
  }

  @Patch(':id')
  @RequireScope('countersign:keys:write')
  @ApiPatches(
    {
      operationId: 'updateKey',
      summary: 'Changes, disables or enables a key',
      description:
        'Kinds of restriction that are not named stay. Scopes that the key newly has, the caller ' +
        'holds itself, and whoever changes its `authentication` holds all that it may do. A revoked key ' +
        'stays as it is.',
    },
    apiKey,
  )
  @ApiProblems('grant_exceeds_caller', 'not_found', 'wrong_state')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) keyId: string,
    @Body({ schema: patchApiKey }) patch: PatchApiKey,
  ) {
    return this.changes.run(request, (tx) => changeKey(tx, request.caller, keyId, patch));
  }

  @Delete(':id')
  @RequireScope('countersign:keys:write')
  @ApiRemoves({ operationId: 'deleteKey', summary: 'Revokes a key and deletes it' })
  remove(@CurrentRequest() request: RequestContext, @Param('id', { schema: id }) keyId: string) {
    return this.changes.remove(request, (tx) => removeKey(tx, request.caller, keyId));
  }

  @Post(':id/rotate')
  @RequireScope('countersign:keys:write')
  @ApiSupersedes(
    {
      operationId: 'rotateKey',
      summary: 'Gives a key a new secret',
      description:
        'The secrets before work until their grace is over. The caller holds what the key may do.',
    },
    issuedApiKey,
  )
  @ApiProblems('grant_exceeds_caller', 'not_found', 'wrong_state')
  rotate(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) keyId: string,
    @Body({ schema: rotateApiKey }) body: RotateApiKey,
  ) {
    return this.changes.create(
      request,
      (tx) => rotateKey(tx, request.caller, keyId, body, this.mint),
      { supersedes: true },
    );
  }

  @Post(':id/revoke')
  @RequireScope('countersign:keys:write')
  @ApiActs(
    {
      operationId: 'revokeKey',
      summary: 'Revokes a key for good, with all that was derived from it',
      description: 'Revoking it again changes nothing.',
    },
    apiKey,
  )
  @ApiProblems('not_found')
  revoke(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) keyId: string,
    @Body({ schema: revokeApiKey }) body: RevokeApiKey,
  ) {
    return this.changes.run(request, (tx) => revokeKey(tx, request.caller, keyId, body));
  }
}

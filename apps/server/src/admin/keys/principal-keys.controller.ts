import {
  apiKeyPage,
  type CreateApiKey,
  createApiKey,
  identifier,
  issuedApiKey,
  listApiKeys,
} from '@countersign/contracts';
import { ClientIds, type MintApiKey } from '@countersign/core';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ApiCreates, ApiReads } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { API_KEY_MINTER, CLIENT_IDS } from '../ports.js';
import { ReadRunner } from '../read-runner.js';
import { findKeysOfPrincipal } from './find-keys-of-principal.js';
import { issueKey } from './issue-key.js';

const id = identifier('principal');
const listOfPrincipal = listApiKeys.omit({ principal_id: true, organization_id: true });

@ApiTags('Keys')
@Controller('v1/principals/:id/keys')
export class PrincipalKeysController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
    @Inject(API_KEY_MINTER) private readonly mint: MintApiKey,
    @Inject(CLIENT_IDS) private readonly clientIds: ClientIds,
  ) {}

  @Post()
  @RequireScope('countersign:keys:write')
  @ApiCreates(
    {
      operationId: 'issueKey',
      summary: 'Issues a key to a principal',
      description:
        'The answer is the only one that ever shows the key; with `authentication` there is ' +
        'none to show. The caller holds every scope of it.',
    },
    issuedApiKey,
  )
  @ApiProblems('grant_exceeds_caller', 'not_found')
  issue(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) principalId: string,
    @Body({ schema: createApiKey }) body: CreateApiKey,
  ) {
    return this.changes.create(request, (tx) =>
      issueKey(tx, request.caller, principalId, body, {
        mint: this.mint,
        clientIds: this.clientIds,
      }),
    );
  }

  @Get()
  @RequireScope('countersign:keys:read')
  @ApiReads(
    { operationId: 'listKeysOfPrincipal', summary: "Lists a principal's keys, newest first" },
    apiKeyPage,
  )
  @ApiProblems('not_found', 'validation_failed')
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: id }) principalId: string,
    @Query({ schema: listOfPrincipal }) query: z.infer<typeof listOfPrincipal>,
  ) {
    return this.reads.run((manager) => findKeysOfPrincipal(manager, caller, principalId, query));
  }
}

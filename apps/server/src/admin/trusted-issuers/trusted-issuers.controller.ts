import {
  type CreateTrustedIssuer,
  createTrustedIssuer,
  identifier,
  type ListTrustedIssuers,
  listTrustedIssuers,
  type PatchTrustedIssuer,
  patchTrustedIssuer,
  trustedIssuer,
  trustedIssuerPage,
} from '@countersign/contracts';
import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiCreates, ApiPatches, ApiReads, ApiRemoves } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { TRUSTED_ISSUER_POLICY, type TrustedIssuerPolicy } from '../ports.js';
import { ReadRunner } from '../read-runner.js';
import { addTrustedIssuer } from './add-trusted-issuer.js';
import { changeTrustedIssuer } from './change-trusted-issuer.js';
import { findTrustedIssuers } from './find-trusted-issuers.js';
import { readTrustedIssuer } from './read-trusted-issuer.js';
import { removeTrustedIssuer } from './remove-trusted-issuer.js';

const id = identifier('trustedIssuer');

@ApiTags('Trusted issuers')
@Controller('v1/trusted-issuers')
export class TrustedIssuersController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
    @Inject(TRUSTED_ISSUER_POLICY) private readonly policy: TrustedIssuerPolicy,
  ) {}

  @Post()
  @RequireScope('countersign:trusted-issuers:write')
  @ApiCreates(
    {
      operationId: 'createTrustedIssuer',
      summary: 'Trusts an issuer outside, as far as is said here',
    },
    trustedIssuer,
  )
  @ApiProblems('not_permitted', 'already_exists', 'grant_exceeds_caller')
  create(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: createTrustedIssuer }) body: CreateTrustedIssuer,
  ) {
    return this.changes.create(request, (tx) =>
      addTrustedIssuer(tx, request.caller, body, this.policy),
    );
  }

  @Get()
  @RequireScope('countersign:trusted-issuers:read')
  @ApiReads(
    { operationId: 'listTrustedIssuers', summary: 'Lists trusted issuers, newest first' },
    trustedIssuerPage,
  )
  @ApiProblems('validation_failed', 'not_permitted')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listTrustedIssuers }) query: ListTrustedIssuers,
  ) {
    return this.reads.run((manager) => findTrustedIssuers(manager, caller, query));
  }

  @Get(':id')
  @RequireScope('countersign:trusted-issuers:read')
  @ApiReads({ operationId: 'getTrustedIssuer', summary: 'Shows a trusted issuer' }, trustedIssuer)
  @ApiProblems('not_permitted', 'not_found')
  get(@CurrentCaller() caller: Caller, @Param('id', { schema: id }) trustedIssuerId: string) {
    return this.reads.run((manager) => readTrustedIssuer(manager, caller, trustedIssuerId));
  }

  @Patch(':id')
  @RequireScope('countersign:trusted-issuers:write')
  @ApiPatches(
    {
      operationId: 'updateTrustedIssuer',
      summary: 'Changes how far an issuer is trusted',
    },
    trustedIssuer,
  )
  @ApiProblems('not_permitted', 'not_found', 'grant_exceeds_caller')
  update(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) trustedIssuerId: string,
    @Body({ schema: patchTrustedIssuer }) patch: PatchTrustedIssuer,
  ) {
    return this.changes.run(request, (tx) =>
      changeTrustedIssuer(tx, request.caller, trustedIssuerId, patch, this.policy),
    );
  }

  @Delete(':id')
  @RequireScope('countersign:trusted-issuers:write')
  @ApiRemoves({ operationId: 'deleteTrustedIssuer', summary: 'Trusts an issuer no more' })
  @ApiProblems('not_permitted')
  remove(
    @CurrentRequest() request: RequestContext,
    @Param('id', { schema: id }) trustedIssuerId: string,
  ) {
    return this.changes.remove(request, (tx) =>
      removeTrustedIssuer(tx, request.caller, trustedIssuerId),
    );
  }
}

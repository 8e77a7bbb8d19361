import {
  type CompromiseSigningKey,
  compromiseSigningKey as compromiseBody,
  type ListSigningKeys,
  listSigningKeys,
  type PrepareSigningKey,
  prepareSigningKey,
  signingKey,
  signingKeyPage,
} from '@countersign/contracts';
import type { GenerateSigningKey } from '@countersign/core';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiActs, ApiCreates, ApiReads } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller, CurrentRequest, type RequestContext } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { ChangeRunner } from '../change-runner.js';
import { SIGNING_KEY_FACTORY, SIGNING_KEY_POLICY, type SigningKeyPolicy } from '../ports.js';
import { ReadRunner } from '../read-runner.js';
import { activateSigningKey } from './activate-signing-key.js';
import { compromiseSigningKey } from './compromise-signing-key.js';
import { findSigningKeys } from './find-signing-keys.js';
import { kidParameter as kid } from './kid.js';
import { prepareNextSigningKey } from './prepare-next-signing-key.js';
import { readSigningKey } from './read-signing-key.js';
import { removeSigningKey } from './remove-signing-key.js';
import { retireSigningKey } from './retire-signing-key.js';

@ApiTags('Signing keys')
@Controller('v1/signing-keys')
export class SigningKeysController {
  constructor(
    private readonly changes: ChangeRunner,
    private readonly reads: ReadRunner,
    @Inject(SIGNING_KEY_FACTORY) private readonly generate: GenerateSigningKey,
    @Inject(SIGNING_KEY_POLICY) private readonly policy: SigningKeyPolicy,
  ) {}

  @Get()
  @RequireScope('countersign:signing-keys:read')
  @ApiReads(
    { operationId: 'listSigningKeys', summary: 'Lists signing keys, newest first' },
    signingKeyPage,
  )
  @ApiProblems('not_permitted', 'validation_failed')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listSigningKeys }) query: ListSigningKeys,
  ) {
    return this.reads.run((manager) => findSigningKeys(manager, caller, query, this.policy));
  }

  @Get(':kid')
  @RequireScope('countersign:signing-keys:read')
  @ApiReads({ operationId: 'getSigningKey', summary: 'Shows a signing key' }, signingKey)
  @ApiProblems('not_permitted', 'not_found')
  get(@CurrentCaller() caller: Caller, @Param('kid', { schema: kid }) keyId: string) {
    return this.reads.run((manager) => readSigningKey(manager, caller, keyId, this.policy));
  }

  @Post()
  @RequireScope('countersign:signing-keys:write')
  @ApiCreates(
    { operationId: 'prepareSigningKey', summary: 'Makes and publishes the key to sign next' },
    signingKey,
  )
  @ApiProblems('not_permitted')
  prepare(
    @CurrentRequest() request: RequestContext,
    @Body({ schema: prepareSigningKey }) body: PrepareSigningKey,
  ) {
    const making = { generate: this.generate, policy: this.policy };
    return this.changes.create(request, (tx) =>
      prepareNextSigningKey(tx, request.caller, body, making),
    );
  }

  @Post(':kid/activate')
  @RequireScope('countersign:signing-keys:write')
  @ApiActs(
    {
      operationId: 'activateSigningKey',
      summary: 'Lets a key sign, and retires the one that did',
      description: 'Not before every cache of the JWKS can have seen it.',
    },
    signingKey,
  )
  @ApiProblems('not_permitted', 'not_found', 'wrong_state', 'too_early')
  activate(
    @CurrentRequest() request: RequestContext,
    @Param('kid', { schema: kid }) keyId: string,
  ) {
    return this.changes.run(request, (tx) =>
      activateSigningKey(tx, request.caller, keyId, this.policy),
    );
  }

  @Post(':kid/retire')
  @RequireScope('countersign:signing-keys:write')
  @ApiActs(
    { operationId: 'retireSigningKey', summary: 'Gives up a key that was prepared' },
    signingKey,
  )
  @ApiProblems('not_permitted', 'not_found', 'wrong_state')
  retire(@CurrentRequest() request: RequestContext, @Param('kid', { schema: kid }) keyId: string) {
    return this.changes.run(request, (tx) =>
      retireSigningKey(tx, request.caller, keyId, this.policy),
    );
  }

  @Post(':kid/remove')
  @RequireScope('countersign:signing-keys:write')
  @ApiActs(
    {
      operationId: 'removeSigningKey',
      summary: 'Publishes a retiring key no more and erases its private part',
      description: 'Not before the last token that it signed has expired.',
    },
    signingKey,
  )
  @ApiProblems('not_permitted', 'not_found', 'wrong_state', 'too_early')
  remove(@CurrentRequest() request: RequestContext, @Param('kid', { schema: kid }) keyId: string) {
    return this.changes.run(request, (tx) =>
      removeSigningKey(tx, request.caller, keyId, this.policy),
    );
  }

  @Post(':kid/compromise')
  @RequireScope('countersign:signing-keys:write')
  @ApiActs(
    {
      operationId: 'compromiseSigningKey',
      summary: 'Accepts nothing more that a key signed',
      description: 'If it is the active one, another key signs at once.',
    },
    signingKey,
  )
  @ApiProblems('not_permitted', 'not_found')
  compromise(
    @CurrentRequest() request: RequestContext,
    @Param('kid', { schema: kid }) keyId: string,
    @Body({ schema: compromiseBody }) { reason }: CompromiseSigningKey,
  ) {
    const making = { generate: this.generate, policy: this.policy };
    return this.changes.run(request, (tx) =>
      compromiseSigningKey(tx, request.caller, keyId, reason ?? null, making),
    );
  }
}

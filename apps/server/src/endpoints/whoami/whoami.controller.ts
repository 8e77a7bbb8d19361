import { type Principal, principal } from '@countersign/contracts';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiReads } from '../../http/api-operation.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { CurrentCaller } from '../../http/request-context.js';
import { Authenticated } from '../../http/route-access.js';

@ApiTags('Credentials')
@Controller('whoami')
export class WhoamiController {
  /** Any valid credential may ask what it stands for, whatever its audience. */
  @Get()
  @Authenticated()
  @ApiReads(
    { operationId: 'whoami', summary: 'Shows the principal that the credential stands for' },
    principal,
  )
  whoami(@CurrentCaller() caller: Caller): Principal {
    return caller.principal;
  }
}

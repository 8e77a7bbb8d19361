import { Controller, Get, Headers, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../../http/route-access.js';
import { IssuerDocument } from '../issuer-document.js';
import { authzenConfiguration } from './authzen-configuration.js';

/** Where policy enforcement points find the evaluation endpoints. @see AuthZEN §9 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/authzen-configuration')
export class AuthzenConfigurationController {
  readonly #document: IssuerDocument;

  constructor(@Inject(CONFIG) { issuer }: Pick<Config, 'issuer'>) {
    this.#document = new IssuerDocument(issuer, authzenConfiguration(issuer));
  }

  @Get()
  @ApiOperation({
    summary: 'Policy decision point metadata',
    operationId: 'getAuthzenConfiguration',
  })
  @ApiOkResponse({ description: 'As AuthZEN has it.', schema: { type: 'object' } })
  get(
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return this.#document.answer(reply, ifNoneMatch);
  }

  @Get('*')
  @ApiExcludeEndpoint()
  getForIssuerPath(
    @Param('*', { schema: z.string() }) path: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return this.#document.answerAt(path, reply, ifNoneMatch);
  }
}

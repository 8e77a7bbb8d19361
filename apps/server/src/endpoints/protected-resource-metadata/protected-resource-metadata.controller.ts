import { Controller, Get, Headers, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../../http/route-access.js';
import { IssuerDocument } from '../issuer-document.js';
import { protectedResourceMetadata } from './protected-resource-metadata.js';

/** Where clients of our own API find the scopes and the ways to present a token. @see RFC 9728 §3.1 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/oauth-protected-resource')
export class ProtectedResourceMetadataController {
  readonly #document: IssuerDocument;

  constructor(@Inject(CONFIG) { issuer }: Pick<Config, 'issuer'>) {
    this.#document = new IssuerDocument(issuer, protectedResourceMetadata(issuer));
  }

  @Get()
  @ApiOperation({ summary: 'Protected resource metadata', operationId: 'getResourceMetadata' })
  @ApiOkResponse({ description: 'As RFC 9728 has it.', schema: { type: 'object' } })
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

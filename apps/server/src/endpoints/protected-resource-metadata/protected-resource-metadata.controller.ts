import { Controller, Get, Headers, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../../http/route-access.js';
import { DOCUMENT_CACHE_CONTROL, IssuerDocument } from '../issuer-document.js';
import { answerWith } from '../representation.js';
import { metadataPath } from '../../http/metadata-url.js';
import { protectedResourceMetadata } from './protected-resource-metadata.js';
import { PublishedMetadata } from './published-metadata.js';

/**
 * Where clients of our own API find the scopes and the ways to present a token; those of a resource
 * server too, where that has the same host as the issuer.
 * @see RFC 9728 §3.1
 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/oauth-protected-resource')
export class ProtectedResourceMetadataController {
  readonly #document: IssuerDocument;
  readonly #origin: string;

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'issuer' | 'tls' | 'clientCertificates'>,
    private readonly metadata: PublishedMetadata,
  ) {
    this.#origin = new URL(config.issuer).origin;
    this.#document = new IssuerDocument(config.issuer, protectedResourceMetadata(config));
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
    @Req() { originalUrl }: FastifyRequest,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    const resourcePath = originalUrl.split('?', 1)[0]?.slice(metadataPath(this.#origin).length);
    const document = this.metadata.of(`${this.#origin}${resourcePath}`);
    if (document !== undefined) {
      return answerWith(reply, document, ifNoneMatch, DOCUMENT_CACHE_CONTROL);
    }
    return this.#document.answerAt(path, reply, ifNoneMatch);
  }
}

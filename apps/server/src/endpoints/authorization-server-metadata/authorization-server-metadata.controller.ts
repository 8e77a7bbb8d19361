import { ResourceServers } from '@countersign/core';
import { Controller, Get, Headers, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../../http/route-access.js';
import { IssuerDocument } from '../issuer-document.js';
import { authorizationServerMetadata } from './authorization-server-metadata.js';

/** Where clients find everything else. @see RFC 8414 §3.1 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/oauth-authorization-server')
export class AuthorizationServerMetadataController {
  #made: { readonly of: unknown; readonly document: IssuerDocument } | undefined;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'issuer' | 'tls' | 'clientCertificates'>,
    private readonly resourceServers: ResourceServers,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Authorization server metadata', operationId: 'getServerMetadata' })
  @ApiOkResponse({ description: 'As RFC 8414 has it.', schema: { type: 'object' } })
  get(
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return this.#document().answer(reply, ifNoneMatch);
  }

  @Get('*')
  @ApiExcludeEndpoint()
  getForIssuerPath(
    @Param('*', { schema: z.string() }) path: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return this.#document().answerAt(path, reply, ifNoneMatch);
  }

  /** Made anew when what it lists has changed. */
  #document(): IssuerDocument {
    const { published } = this.resourceServers;
    if (this.#made?.of !== published) {
      const resources = published.map(({ audience }) => audience);
      const metadata = authorizationServerMetadata(this.config, resources);
      this.#made = { of: published, document: new IssuerDocument(this.config.issuer, metadata) };
    }
    return this.#made.document;
  }
}

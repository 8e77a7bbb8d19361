import { Controller, Get, Headers, Inject, NotFoundException, Param, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Public } from '../../http/route-access.js';
import { answerWith, type Representation, representationOf } from '../representation.js';
import { authorizationServerMetadata } from './authorization-server-metadata.js';

const CACHE_CONTROL = 'public, max-age=300';

/**
 * Where clients find everything else. For an issuer with a path, that path follows the well-known
 * one; the bare one is answered as well, for proxies that take the issuer's path away.
 * @see RFC 8414 §3.1
 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/oauth-authorization-server')
export class AuthorizationServerMetadataController {
  readonly #representation: Representation;
  readonly #issuerPath: string;

  constructor(@Inject(CONFIG) { issuer }: Pick<Config, 'issuer'>) {
    this.#issuerPath = new URL(issuer).pathname.slice(1);
    this.#representation = representationOf(
      authorizationServerMetadata(issuer),
      'application/json',
    );
  }

  @Get()
  @ApiOperation({ summary: 'Authorization server metadata', operationId: 'getServerMetadata' })
  @ApiOkResponse({ description: 'As RFC 8414 has it.', schema: { type: 'object' } })
  get(
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return answerWith(reply, this.#representation, ifNoneMatch, CACHE_CONTROL);
  }

  @Get('*')
  @ApiExcludeEndpoint()
  getForIssuerPath(
    @Param('*', { schema: z.string() }) path: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    if (path === '' || path !== this.#issuerPath) throw new NotFoundException();
    return this.get(ifNoneMatch, reply);
  }
}

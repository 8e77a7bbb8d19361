import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/route-access.js';
import { answerWith, type Representation } from '../representation.js';
import { PublishedKeys } from './published-keys.js';
import { JWK_SET_MEDIA_TYPE, renderJwks } from './render-jwks.js';

/** How long caches may hold it; a key is published for longer before it signs. */
export const JWKS_MAX_AGE_SECONDS = 300;

const CACHE_CONTROL = `public, max-age=${JWKS_MAX_AGE_SECONDS}`;

/** The public keys for local verification. @see RFC 7517 */
@ApiTags('discovery')
@Public()
@Controller('.well-known/jwks.json')
export class JwksController {
  #rendered: { readonly from: object; readonly representation: Representation } | undefined;

  constructor(private readonly publishedKeys: PublishedKeys) {}

  @Get()
  @ApiOperation({ summary: 'Public keys that verify our tokens', operationId: 'getJwks' })
  @ApiProduces(JWK_SET_MEDIA_TYPE)
  @ApiOkResponse({ description: 'A JWK Set, RSA keys first.', schema: { type: 'object' } })
  get(
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return answerWith(reply, this.#representation(), ifNoneMatch, CACHE_CONTROL);
  }

  #representation(): Representation {
    const jwks = this.publishedKeys.jwks();
    if (this.#rendered?.from !== jwks) {
      this.#rendered = { from: jwks, representation: renderJwks(jwks) };
    }
    return this.#rendered.representation;
  }
}

import { Controller, Get, Headers, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../http/route-access.js';
import { DOCUMENT_CACHE_CONTROL } from '../issuer-document.js';
import { answerWith } from '../representation.js';
import { PublishedMetadata } from './published-metadata.js';

const PATH = '/resource-metadata/';

/**
 * The metadata of a resource server, for the gateway before it: that stands at the resource's own host,
 * and hands out what is here at the well-known path there. What identifies the resource is in the path,
 * so that no header has a part in it, and no gateway has to write a query.
 * @see RFC 9728 §3
 */
@ApiTags('discovery')
@Public()
@Controller('resource-metadata')
export class ResourceMetadataController {
  constructor(private readonly metadata: PublishedMetadata) {}

  @Get('*')
  @ApiOperation({
    summary: 'Protected resource metadata of a resource server, for its gateway to hand out',
    operationId: 'getResourceServerMetadata',
  })
  @ApiParam({ name: 'path', description: 'The audience, without `https://`.' })
  @ApiOkResponse({ description: 'As RFC 9728 has it.', schema: { type: 'object' } })
  get(
    @Req() request: FastifyRequest,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    const [path = ''] = request.originalUrl.split('?', 1);
    const document = this.metadata.of(`https://${path.slice(PATH.length)}`);
    if (document === undefined) throw new NotFoundException();
    return answerWith(reply, document, ifNoneMatch, DOCUMENT_CACHE_CONTROL);
  }
}

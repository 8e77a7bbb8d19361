import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { identifier } from '@countersign/contracts';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { ApiProblems } from '../../http/api-problems.js';
import { notFound, ProblemException } from '../../http/problem.js';
import { Public } from '../../http/route-access.js';
import { answerWith, type Representation } from '../representation.js';
import { STATUS_LIST_TTL_SECONDS, StatusLists } from './status-lists.js';

/** @see draft-ietf-oauth-status-list §8.1 */
const STATUS_LIST_MEDIA_TYPE = 'application/statuslist+jwt';
const CACHE_CONTROL = `public, max-age=${STATUS_LIST_TTL_SECONDS}`;
const compress = promisify(gzip);

const id = identifier('statusList');

/** The status of tokens, for third parties that hold one. @see draft-ietf-oauth-status-list §8 */
@ApiTags('discovery')
@Public()
@Controller('status-lists')
export class StatusListsController {
  constructor(private readonly lists: StatusLists) {}

  @Get(':id')
  @ApiOperation({
    summary: 'Which tokens of a list are valid, revoked or suspended',
    operationId: 'getStatusList',
    description: 'Token Status List (draft-ietf-oauth-status-list), as a JWT.',
  })
  @ApiProduces(STATUS_LIST_MEDIA_TYPE)
  @ApiOkResponse({ description: 'A Status List Token.', schema: { type: 'string' } })
  @ApiProblems('not_found', 'not_acceptable', 'unavailable')
  async get(
    @Param('id', { schema: id }) listId: string,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    // It holds nothing that not everybody may know: pages of anybody may read it, and its errors.
    void reply.headers({ 'access-control-allow-origin': '*', vary: 'accept, accept-encoding' });
    const negotiator = new Negotiator({ headers });
    if (negotiator.mediaType([STATUS_LIST_MEDIA_TYPE]) === undefined) {
      const detail = `A status list is had as ${STATUS_LIST_MEDIA_TYPE} only.`;
      throw new ProblemException('not_acceptable', detail);
    }
    const token = await this.lists.tokenOf(listId);
    if (token === undefined) throw notFound('status list');
    const zipped = negotiator.encoding(['gzip', 'identity']) === 'gzip';
    if (zipped) void reply.header('content-encoding', 'gzip');
    const body = zipped ? await compress(token) : Buffer.from(token);
    return answerWith(reply, representation(body), headers['if-none-match'], CACHE_CONTROL);
  }
}

function representation(body: Buffer): Representation {
  const digest = createHash('sha256').update(body).digest('base64url');
  return { body, mediaType: STATUS_LIST_MEDIA_TYPE, etag: `"${digest}"` };
}

import {
  type ListRevocations,
  listRevocations,
  type RevocationPage,
  revocationCursor,
  revocationPage,
  type StreamRevocations,
  streamRevocations,
} from '@countersign/contracts';
import { MemoryFreshness, RevocationLog, RevocationSigner } from '@countersign/core';
import { ChangeFollower } from '@countersign/persistence';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { reachOf } from '../../admin/reach.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ApiReads } from '../../http/api-operation.js';
import { ApiProblems } from '../../http/api-problems.js';
import type { Caller } from '../../http/caller-authenticator.js';
import { type HeldCaller, HeldCallers } from '../../http/held-callers.js';
import { ProblemException, validationFailed } from '../../http/problem.js';
import { CurrentCaller } from '../../http/request-context.js';
import { RequireScope } from '../../http/route-access.js';
import { prefersSignedAnswer } from '../introspect/prefers-signed-answer.js';
import { isCursorAhead } from './is-cursor-ahead.js';
import { type FeedReader, revocationPageOf } from './revocation-page.js';
import { RevocationStreams } from './revocation-streams.js';

/** The path of the stream, as the router has it. */
export const REVOCATION_STREAM_PATH = '/revocations/stream';

const SCOPE = 'countersign:revocations:read';
const SIGNED_PAGE = 'application/jwt';
const EVENT_STREAM = 'text/event-stream';
const FULL_RETRY_SECONDS = '5';

/**
 * The revocation feed for verifiers that decide by themselves. A route of Nest, not of the data
 * plane: what is hot is the stream, not its opening.
 */
@ApiTags('revocations')
@Controller('revocations')
export class RevocationsController {
  constructor(
    private readonly log: RevocationLog,
    private readonly follower: ChangeFollower,
    private readonly freshness: MemoryFreshness,
    private readonly streams: RevocationStreams,
    private readonly signer: RevocationSigner,
    private readonly heldCallers: HeldCallers,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer' | 'revocationStreams'>,
  ) {}

  @Get()
  @RequireScope(SCOPE)
  @ApiReads(
    {
      operationId: 'listRevocations',
      summary: 'Lists what was revoked and may still be presented',
      description:
        'Without a cursor the snapshot, with one what came after it. `Accept: application/jwt` gets ' +
        'the same signed: a JWT of type `revocations+jwt` with the page as its claims.',
    },
    revocationPage,
  )
  @ApiProduces('application/json', SIGNED_PAGE)
  @ApiProblems('validation_failed')
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: listRevocations }) query: ListRevocations,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevocationPage | string> {
    const reset = await this.#isAhead(query.cursor);
    const { issuer } = this.config;
    const { ageMs } = this.freshness;
    const reader = readerFor(caller, query.audience);
    const page = revocationPageOf(this.log, issuer, query, reader, reset, ageMs);
    void reply.header('vary', 'accept');
    if (!prefersSignedAnswer(request.headers.accept, SIGNED_PAGE)) return page;
    void reply.type(SIGNED_PAGE);
    return this.signer.sign(page, Date.now());
  }

  @Get('stream')
  @RequireScope(SCOPE)
  @ApiOperation({
    operationId: 'streamRevocations',
    summary: 'Streams what is revoked, as it is',
    description:
      'Server-sent events: `hello` (RevocationHello), then `revocation` (RevocationEntry) for each ' +
      'entry, and `heartbeat` (RevocationHeartbeat) at least every 500 ms once all were sent.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event that the client has; counts before `cursor`.',
    schema: { type: 'string' },
  })
  @ApiProduces(EVENT_STREAM)
  @ApiOkResponse({ description: 'The stream.', schema: { type: 'string' } })
  @ApiProblems('validation_failed')
  async stream(
    @CurrentCaller() caller: Caller,
    @Query({ schema: streamRevocations }) query: StreamRevocations,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cursor = lastEventId(request) ?? query.cursor;
    const reset = await this.#isAhead(cursor);
    const held = this.heldCallers.hold(request, SCOPE);
    // From here on in one turn, so that nobody takes the place in between. Who has left meanwhile would
    // never be seen to leave, and keep its place.
    if (reply.raw.destroyed) return;
    if (request.method !== 'HEAD') this.#requirePlace(held);
    const { raw } = reply.hijack();
    raw.shouldKeepAlive = false;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': EVENT_STREAM,
      'cache-control': 'no-store',
      // nginx would hold events back until it has a buffer full of them.
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') {
      raw.end();
      return;
    }
    this.streams.open(raw, {
      caller: held,
      reader: readerFor(caller, query.audience),
      position: reset ? 0 : Number(cursor ?? 0),
      reset,
    });
  }

  async #isAhead(cursor: string | undefined): Promise<boolean> {
    const position = Number(cursor ?? 0);
    return position > this.log.position && isCursorAhead(position, this.follower);
  }

  #requirePlace({ principalId }: HeldCaller): void {
    if (this.streams.makePlace(principalId, this.config.revocationStreams.max)) return;
    throw new ProblemException('unavailable', 'No more streams can be served here now.', {
      headers: { 'retry-after': FULL_RETRY_SECONDS },
    });
  }
}

/** Who is limited to an organization sees what concerns it, and what concerns all. */
function readerFor(caller: Caller, audience: string | undefined): FeedReader {
  return { audience, organizationId: reachOf(caller) ?? undefined };
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header */
function lastEventId({ headers }: FastifyRequest): string | undefined {
  const given = headers['last-event-id'];
  if (given === undefined) return undefined;
  const parsed = revocationCursor.safeParse(given);
  if (parsed.success) return parsed.data;
  throw validationFailed([{ field: 'Last-Event-ID', message: 'must be the id of an event' }]);
}

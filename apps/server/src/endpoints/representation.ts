import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A public document as it is sent, made once and sent many times. */
export interface Representation {
  readonly body: Buffer;
  readonly mediaType: string;
  /** Strong: it changes with any byte. @see RFC 9110 §8.8.3 */
  readonly etag: string;
}

export function representationOf(document: object, mediaType: string): Representation {
  const body = Buffer.from(JSON.stringify(document));
  const digest = createHash('sha256').update(body).digest('base64url');
  return { body, mediaType, etag: `"${digest}"` };
}

/**
 * Answers 304 when the client has it already, else the document.
 * @param ifNoneMatch the header of the request
 * @returns what a Nest handler returns for it
 * @see RFC 9110 §13.1.2, §15.4.5
 */
export function answerWith(
  reply: FastifyReply,
  { body, mediaType, etag }: Representation,
  ifNoneMatch: string | undefined,
  cacheControl: string,
): Buffer | undefined {
  void reply.headers({ etag, 'cache-control': cacheControl });
  if (isListed(etag, ifNoneMatch)) {
    void reply.code(304);
    return undefined;
  }
  void reply.header('content-type', mediaType);
  return body;
}

function isListed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  // The comparison is weak, so that what a proxy marked W/ when it compressed still matches.
  return ifNoneMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === etag || tag === '*');
}

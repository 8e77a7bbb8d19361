import type { FastifyReply } from 'fastify';

/**
 * Answers 200 with ASCII text that is never cached. Writes past Fastify's reply, whose hooks and
 * serialization nothing here has a use for: it is a tenth of what a hot request costs.
 * @param headers more of them, as a list of names and values by turns
 */
export function answerAscii(
  reply: FastifyReply,
  text: string,
  mediaType: string,
  headers: readonly string[] = [],
): void {
  reply.hijack();
  reply.raw.writeHead(200, [
    'content-type',
    mediaType,
    'cache-control',
    'no-store',
    'content-length',
    String(text.length),
    ...headers,
  ]);
  reply.raw.end(text, 'latin1');
}

import type { FastifyReply } from 'fastify';

const NOT_ASCII = /[^\0-\x7F]/g;

/**
 * JSON text with everything beyond ASCII escaped, so that its length is its size on the wire.
 * @see RFC 8259 §7
 */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Answers 200 with JSON that is never cached. Writes past Fastify's reply, whose hooks and
 * serialization nothing here has a use for: it is a tenth of what a hot request costs.
 * @param json made by `toAsciiJson`
 * @param headers more of them, as a list of names and values by turns
 */
export function answerAsciiJson(
  reply: FastifyReply,
  json: string,
  headers: readonly string[] = [],
): void {
  reply.hijack();
  reply.raw.writeHead(200, [
    'content-type',
    'application/json; charset=utf-8',
    'cache-control',
    'no-store',
    'content-length',
    String(json.length),
    ...headers,
  ]);
  reply.raw.end(json, 'latin1');
}

import type { ServerResponse } from 'node:http';
import { answerAscii } from './answer-ascii.js';

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
 * Answers 200 with JSON that is never cached.
 * @param json made by `toAsciiJson`
 * @param headers more of them, as a list of names and values by turns
 */
export function answerAsciiJson(
  response: ServerResponse,
  json: string,
  headers?: readonly string[],
): void {
  answerAscii(response, json, 'application/json; charset=utf-8', headers);
}

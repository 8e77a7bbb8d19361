import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { validationFailed } from './problem.js';

export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

/** A request that its sender may repeat without doing twice what it asks for. */
export interface IdempotentRequest {
  readonly key: string;
  /** SHA-256 over method, path and body, base64url: a retry has the same. */
  readonly digest: string;
}

const KEY = /^[\x20-\x7E]{1,128}$/;

/**
 * Reads the Idempotency-Key of a request; null when it has none.
 * @throws {ProblemException} when the key is not 1 to 128 characters of printable ASCII
 */
export function idempotentRequest(request: FastifyRequest): IdempotentRequest | null {
  const key = request.headers[IDEMPOTENCY_KEY_HEADER.toLowerCase()];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key)) {
    const message = 'must be 1 to 128 characters of printable ASCII';
    throw validationFailed([{ field: IDEMPOTENCY_KEY_HEADER, message }]);
  }
  return { key, digest: digestOf(request) };
}

function digestOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0];
  const parts = [request.method, path, canonical(request.body)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The same text for the same JSON, however its members are ordered. The depth is bounded. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

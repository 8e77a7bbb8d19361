import { NotFoundException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { answerWith, type Representation, representationOf } from './representation.js';

/** How long others may keep what is published about the issuer and its resources. */
export const DOCUMENT_CACHE_CONTROL = 'public, max-age=300';

/**
 * A document about the issuer at a well-known path. For an issuer with a path, that path follows the
 * well-known one; the bare one is answered as well, for proxies that take the issuer's path away.
 * @see RFC 8414 §3.1, AuthZEN §9.2
 */
export class IssuerDocument {
  readonly #representation: Representation;
  readonly #issuerPath: string;

  constructor(issuer: string, document: object) {
    this.#issuerPath = new URL(issuer).pathname.slice(1);
    this.#representation = representationOf(document, 'application/json');
  }

  /** What a Nest handler returns for the bare path. */
  answer(reply: FastifyReply, ifNoneMatch: string | undefined): Buffer | undefined {
    return answerWith(reply, this.#representation, ifNoneMatch, DOCUMENT_CACHE_CONTROL);
  }

  /** @throws {NotFoundException} the path is not the issuer's */
  answerAt(path: string, reply: FastifyReply, ifNoneMatch: string | undefined): Buffer | undefined {
    if (path === '' || path !== this.#issuerPath) throw new NotFoundException();
    return this.answer(reply, ifNoneMatch);
  }
}

import type { CountersignScope } from '@countersign/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { FormParameters } from './form-parameters.js';

/** A request whose form body was read. */
export type FormRequest = FastifyRequest<{ Body: FormParameters }>;

/** Who may use a route of the data plane; there is no default. */
export type DataPlaneAccess =
  | { readonly kind: 'scope'; readonly scope: CountersignScope }
  /** The endpoint authenticates its client itself, as its protocol says. */
  | { readonly kind: 'client' };

/** What documentation says of a route; the schemas are those that its handler keeps to. */
export interface DataPlaneOperation {
  readonly id: string;
  readonly summary: string;
  /** The standard that it follows. */
  readonly specification: string;
  readonly request: z.ZodType;
  readonly response: z.ZodType;
}

/** An endpoint of the data plane: `POST`, form-encoded, answered in JSON. */
export interface DataPlaneRoute {
  readonly path: string;
  readonly access: DataPlaneAccess;
  readonly operation: DataPlaneOperation;
  /** Answers through `reply`, or throws. */
  handle(request: FormRequest, reply: FastifyReply): void | Promise<void>;
}

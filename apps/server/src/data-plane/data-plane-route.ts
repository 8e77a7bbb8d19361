import type { CountersignScope } from '@countersign/contracts';
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { DataPlaneRequest } from './data-plane-request.js';
import type { FormParameters } from './form-parameters.js';

/** A request whose form body was read. */
export interface FormRequest extends DataPlaneRequest {
  readonly body: FormParameters;
}

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
  /** Another media type that it answers in, for who asks by `Accept`. */
  readonly alternative?: { readonly mediaType: string; readonly description: string };
  /** Whether it heeds how long the sender is ready to wait. @see RFC 7240 §4.3 */
  readonly heedsWait?: boolean;
}

interface Endpoint {
  readonly path: string;
  readonly access: DataPlaneAccess;
  readonly operation: DataPlaneOperation;
}

/** An endpoint of the data plane: `POST`, form-encoded, answered in JSON; errors as OAuth has them. */
export interface DataPlaneRoute extends Endpoint {
  readonly errors?: 'oauth';
  /** Answers through `response`, or throws. */
  handle(request: FormRequest, response: ServerResponse): void | Promise<void>;
}

/** An endpoint of the data plane that takes JSON. */
export interface JsonDataPlaneRoute extends Endpoint {
  /** `problem`: RFC 9457, as the admin API. `text`: a sentence, as AuthZEN §10.1.2 has it. */
  readonly errors: 'problem' | 'text';
  /**
   * Answers through `response`, or throws.
   * @param request its body is what the JSON says; undefined: it had none
   */
  handle(request: DataPlaneRequest, response: ServerResponse): void | Promise<void>;
}

export type AnyDataPlaneRoute = DataPlaneRoute | JsonDataPlaneRoute;

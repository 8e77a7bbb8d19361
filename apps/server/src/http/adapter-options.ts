import type { FastifyServerOptions } from 'fastify';
import { BODY_LIMIT_BYTES } from './body-parsers.js';
import { problemOfError } from './problem-of-error.js';
import { sendProblem } from './send-problem.js';

/** What the Fastify adapter of the control plane needs, beside what operation asks for. */
export const ADAPTER_OPTIONS = {
  bodyLimit: BODY_LIMIT_BYTES,
  // A URL that the router cannot read never reaches Nest, and so neither its exception filter.
  frameworkErrors: (error, _request, reply) => sendProblem(reply, problemOfError(error)),
} satisfies FastifyServerOptions;

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlaneRequest } from './data-plane-request.js';

/** Serves one request. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers what a request failed by, and reports it; never throws. */
export type Refuse = (request: DataPlaneRequest, response: ServerResponse, error: unknown) => void;

import { status } from '@grpc/grpc-js';
import type { OAuthFailure } from '../data-plane/oauth-failure.js';
import { renderFailure } from '../data-plane/render-failure.js';
import { otherSpellings } from '../endpoints/forward-auth/other-spellings.js';

interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string };
  readonly append_action: 'OVERWRITE_IF_EXISTS_OR_ADD';
  /** Else an empty value would leave what the end client sent. */
  readonly keep_empty_value: true;
}

/** Envoy's `envoy.service.auth.v3.CheckResponse`, as it is encoded. */
export interface CheckResponse {
  readonly status: { readonly code: number };
  readonly ok_response?: {
    readonly headers: readonly HeaderValueOption[];
    readonly headers_to_remove: readonly string[];
  };
  readonly denied_response?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOption[];
    readonly body: string;
  };
}

/** The upstream gets the signed token and never the credential, nor what is read as a principal. */
const REMOVED: readonly string[] = [
  'authorization',
  'x-api-key',
  'dpop',
  ...new Set(otherSpellings().map((name) => name.toLowerCase())),
];

const STATUS_CODES: Readonly<Record<number, number>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
};

/** For as long as the same headers are handed out: the same response, which is then encoded once. */
const allowances = new WeakMap<readonly string[], CheckResponse>();

/** @param upstreamHeaders names and values by turns */
export function allowed(upstreamHeaders: readonly string[]): CheckResponse {
  let response = allowances.get(upstreamHeaders);
  if (response === undefined) {
    response = allowance(upstreamHeaders);
    allowances.set(upstreamHeaders, response);
  }
  return response;
}

function allowance(upstreamHeaders: readonly string[]): CheckResponse {
  const headers: HeaderValueOption[] = [];
  for (let at = 0; at < upstreamHeaders.length; at += 2) {
    headers.push(overwriting(upstreamHeaders[at] ?? '', upstreamHeaders[at + 1] ?? ''));
  }
  return { status: { code: status.OK }, ok_response: { headers, headers_to_remove: REMOVED } };
}

/** Denied whatever `failure_mode_allow` says; the end client gets the failure's own HTTP status. */
export function denied(failure: OAuthFailure): CheckResponse {
  const { headers, body } = renderFailure(failure);
  return {
    status: { code: STATUS_CODES[failure.status] ?? status.INTERNAL },
    denied_response: {
      status: { code: failure.status },
      headers: Object.entries({ ...headers, 'content-type': 'application/json' }).map(
        ([name, value]) => overwriting(name, value),
      ),
      body: JSON.stringify(body),
    },
  };
}

function overwriting(key: string, value: string): HeaderValueOption {
  return {
    header: { key: key.toLowerCase(), value },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    keep_empty_value: true,
  };
}

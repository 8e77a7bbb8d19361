import type { Cluster } from '../cluster/cluster.js';
import { callHttp, type HttpAnswer } from '../network/http-call.js';

// Longer than any pause: what was sent to a process that stands still is answered when it goes on.
const ASK_TIMEOUT_MS = 8_000;
const CHANGE_TIMEOUT_MS = 12_000;

/** What is sent to a replica. */
export interface ServiceRequest {
  /** Absent: POST with a body, and GET without. */
  readonly method?: string;
  readonly path: string;
  /** The credential of the caller; absent: the administrator's. */
  readonly by?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** Not to be kept waiting for a confirmation. */
  readonly impatient?: boolean;
}

/** Calls replicas. */
export class ServiceCaller {
  constructor(private readonly cluster: Cluster) {}

  get replicas(): number {
    return this.cluster.replicas.length;
  }

  /** A question, which may be asked twice. */
  ask(replica: number, request: ServiceRequest): Promise<HttpAnswer> {
    return this.#call(replica, request, ASK_TIMEOUT_MS, true);
  }

  /** A change, which is sent once. */
  change(replica: number, request: ServiceRequest): Promise<HttpAnswer> {
    return this.#call(replica, request, CHANGE_TIMEOUT_MS, false);
  }

  #call(
    replica: number,
    request: ServiceRequest,
    timeoutMs: number,
    isRepeatable: boolean,
  ): Promise<HttpAnswer> {
    const { path, form, json, by = this.cluster.adminKey, impatient = false } = request;
    const { port } = this.cluster.replica(replica);
    const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
    const { method = body === undefined ? 'GET' : 'POST' } = request;
    return callHttp({
      ...{ port, method, path, timeoutMs, isRepeatable },
      headers: {
        ...presented(by),
        ...(impatient && { prefer: 'wait=0' }),
        ...(body !== undefined && {
          'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        }),
      },
      ...(body !== undefined && { body }),
    });
  }
}

/** How a credential is presented. */
function presented(credential: string): Readonly<Record<string, string>> {
  return credential.startsWith('eyJ')
    ? { authorization: `Bearer ${credential}` }
    : { 'x-api-key': credential };
}

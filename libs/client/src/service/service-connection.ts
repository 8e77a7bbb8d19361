import type { Fetch } from '@countersign/verify';
import type { CredentialSource } from '../credential-source.js';
import { type OAuthError, readableOAuthError } from './oauth-error.js';
import { ServiceFailure } from './service-failure.js';
import { untilAborted } from './until-aborted.js';

const HEADER_SAFE = /^[\x21-\x7E]+$/;

export interface ServiceRequest {
  readonly method?: 'GET' | 'POST';
  readonly accept?: string;
  readonly form?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The service, as this backend reaches it and is known to it. */
export class ServiceConnection {
  readonly #base: string;
  readonly #credential: CredentialSource;
  readonly #fetch: Fetch;

  /** @param base a URL that credentials may be sent to */
  constructor(base: URL, credential: CredentialSource, fetchImplementation: Fetch) {
    this.#base = base.href.replace(/\/+$/, '');
    this.#credential = credential;
    this.#fetch = fetchImplementation;
  }

  /**
   * Sends a request and answers with a response of status 200, whose body is the caller's to read.
   * Redirects are not followed: the credential is for nobody else.
   * @throws {ServiceFailure}
   */
  async send(path: string, request: ServiceRequest): Promise<Response> {
    const { method = 'GET', accept = 'application/json', form, headers, signal } = request;
    const init: RequestInit = {
      method,
      headers: { ...headers, accept, authorization: `Bearer ${await this.#reveal(signal)}` },
      redirect: 'manual',
      signal,
    };
    if (form !== undefined) init.body = form;
    let response: Response;
    try {
      response = await this.#fetch(this.#base + path, init);
    } catch (cause) {
      throw new ServiceFailure('network', 'the service could not be reached', { cause });
    }
    if (response.status === 200) return response;
    throw new ServiceFailure('status', `the service answered ${response.status}`, {
      status: response.status,
      retryAfterSeconds: readRetryAfter(response),
      oauthError: await readOAuthError(response),
    });
  }

  /** What cannot stand in a header would come back in the message of the error about it. */
  async #reveal(signal: AbortSignal): Promise<string> {
    let credential: unknown;
    try {
      credential =
        typeof this.#credential === 'string'
          ? this.#credential
          : // Where it comes from is not ours: it may never settle.
            await untilAborted(Promise.resolve(this.#credential()), signal);
    } catch (cause) {
      throw new ServiceFailure('network', 'the credential could not be had', { cause });
    }
    if (typeof credential !== 'string' || !HEADER_SAFE.test(credential)) {
      throw new ServiceFailure('malformed', 'the credential is not text that fits a header');
    }
    return credential;
  }
}

/** Seconds; a date is not taken, since it would be by another clock. @see RFC 9110 §10.2.3 */
function readRetryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

/** What an OAuth endpoint says is wrong, where it is that. @see RFC 6749 §5.2 */
async function readOAuthError(response: Response): Promise<OAuthError | undefined> {
  try {
    return readableOAuthError.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}

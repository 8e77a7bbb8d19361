import type { Fetch } from '@countersign/verify';
import { introspectionOf, type TestCredential, type TestCredentials } from './test-credentials.js';
import type { TestFeed } from './test-feed.js';

const TOKEN_SECONDS = 300;

export interface TestServiceParts {
  readonly issuer: string;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly feed: TestFeed;
  readonly credentials: TestCredentials;
  /** What the backend under test authenticates with. */
  readonly backendCredential: string;
  readonly issueToken: (from: TestCredential, audience: string | undefined) => string;
}

/** The endpoints of the service that a backend uses, by a `fetch` that reaches nobody. */
export class TestService {
  #isUnreachable = false;

  constructor(private readonly parts: TestServiceParts) {}

  setUnreachable(unreachable: boolean): void {
    this.#isUnreachable = unreachable;
    if (unreachable) this.parts.feed.disconnect();
  }

  readonly fetch: Fetch = async (url, init) => {
    if (this.#isUnreachable) throw new TypeError('fetch failed');
    init.signal?.throwIfAborted();
    const { pathname, searchParams } = new URL(url);
    const { issuer, jwk, feed } = this.parts;
    const headers = new Headers(init.headers);
    switch (pathname) {
      case '/.well-known/oauth-authorization-server':
        return Response.json({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
      case '/.well-known/jwks.json':
        return Response.json({ keys: [jwk] });
      case '/token':
        return this.#token(headers, formOf(init));
    }
    if (headers.get('authorization') !== `Bearer ${this.parts.backendCredential}`) {
      return new Response(null, { status: 401 });
    }
    switch (pathname) {
      case '/introspect': {
        const credential = this.parts.credentials.get(formOf(init).get('token') ?? '');
        return Response.json(introspectionOf(credential, issuer));
      }
      case '/revocations':
        return Response.json(feed.page(Number(searchParams.get('cursor') ?? 0)));
      case '/revocations/stream': {
        const cursor = Number(headers.get('last-event-id') ?? 0);
        return new Response(feed.stream(cursor, init.signal), {
          headers: { 'content-type': 'text/event-stream' },
        });
      }
      default:
        return new Response(null, { status: 404 });
    }
  };

  #token(headers: Headers, form: URLSearchParams): Response {
    const key = headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    const client = this.parts.credentials.get(key);
    const subjectToken = form.get('subject_token');
    const subject = subjectToken === null ? client : this.parts.credentials.get(subjectToken);
    if (client === undefined || client.isRevoked) {
      return Response.json({ error: 'invalid_client' }, { status: 401 });
    }
    if (subject === undefined || subject.isRevoked) {
      return Response.json({ error: 'invalid_request' }, { status: 400 });
    }
    const audience = form.get('audience') ?? undefined;
    return Response.json({
      access_token: this.parts.issueToken(subject, audience),
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
      scope: subject.principal.scopes.join(' '),
    });
  }
}

function formOf({ body }: RequestInit): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}

import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign } from 'jose';
import type { Claims } from './token-forge.js';

/** One of an issuer's signing keys. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Claims;
}

type Route = Claims | RequestListener;

/** An identity provider of the test's own: a real HTTP server with real keys. */
export class FakeIssuer {
  /** What lets the service fetch keys from it. */
  static readonly ENV = {
    COUNTERSIGN_FEDERATION_INSECURE_HTTP: 'loopback',
    COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES: '127.0.0.1',
  } as const;

  readonly requests: string[] = [];
  /** What it answers by path; without one, its metadata and its keys. */
  readonly routes = new Map<string, Route>();
  keys: IssuerKey[];
  readonly #server: Server;

  private constructor(server: Server, keys: IssuerKey[]) {
    this.#server = server;
    this.keys = keys;
  }

  static async start(keys: IssuerKey[] = [issuerKey()]): Promise<FakeIssuer> {
    const server = createServer((request, response) => issuer.#answer(request, response));
    const issuer = new FakeIssuer(server, keys);
    await issuer.listen(0);
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get jwksRequests(): number {
    return this.requests.filter((path) => path === '/jwks').length;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A token that is good for five minutes; `null` leaves a member out. */
  token(claims: Claims = {}, header: Claims = {}, key = this.keys[0]): Promise<string> {
    if (key === undefined) throw new Error('the issuer has no key');
    const now = Math.floor(Date.now() / 1000);
    const payload = merged(
      { iss: this.url, sub: 'alice', aud: 'us', iat: now, exp: now + 300, jti: randomUUID() },
      claims,
    );
    const protectedHeader = merged({ alg: key.alg, kid: key.kid, typ: 'JWT' }, header);
    return new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader(protectedHeader as { alg: string })
      .sign(key.privateKey);
  }

  #answer(...[request, response]: Parameters<RequestListener>): void {
    const path = request.url ?? '';
    this.requests.push(path);
    const route = this.routes.get(path) ?? this.#ownRoute(path);
    if (typeof route === 'function') return route(request, response);
    response.writeHead(route === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(route ?? {}));
  }

  #ownRoute(path: string): Claims | undefined {
    if (path === '/jwks') return { keys: this.keys.map(({ jwk }) => jwk) };
    const metadata = { issuer: this.url, jwks_uri: `${this.url}/jwks` };
    return path === '/.well-known/openid-configuration' ? metadata : undefined;
  }
}

const KEY_PAIRS: Record<string, () => { publicKey: KeyObject; privateKey: KeyObject }> = {
  RS: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  Ed: () => generateKeyPairSync('ed25519'),
};

export function issuerKey(alg = 'ES256', kid = `kid-${randomUUID()}`): IssuerKey {
  const generate = KEY_PAIRS[alg] ?? KEY_PAIRS[alg.slice(0, 2)];
  if (generate === undefined) throw new Error(`no key pair for ${alg}`);
  const { publicKey, privateKey } = generate();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } as Claims;
  return { kid, alg, publicKey, privateKey, jwk };
}

function merged(members: Claims, changes: Claims): Claims {
  const all = Object.entries({ ...members, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

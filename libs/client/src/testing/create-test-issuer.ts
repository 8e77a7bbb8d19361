import { randomBytes } from 'node:crypto';
import type { AccessTokenClaims, Principal, Restrictions } from '@countersign/contracts';
import type { Fetch } from '@countersign/verify';
import { createVerifier } from '../create-verifier.js';
import type { Verifier } from '../verifier.js';
import type { VerifierOptions } from '../verifier-options.js';
import { randomId, randomVersion } from './random-id.js';
import { TestCredentials } from './test-credentials.js';
import { TestFeed, type TestRevocation } from './test-feed.js';
import { TestService } from './test-service.js';
import { createTestSigner } from './test-signer.js';

const TOKEN_SECONDS = 300;
/** What the backend under test authenticates with. */
const BACKEND_CREDENTIAL = 'test-backend-credential';

export interface TestIssuerOptions {
  /** Default `https://auth.test`. */
  readonly issuer?: string | undefined;
  /** Whom tokens are for unless told otherwise. Default `https://api.test`. */
  readonly audience?: string | undefined;
}

/** What a key of the test issuer is like, as far as it matters. */
export interface TestApiKeyOptions {
  readonly principal?: Partial<Principal> | undefined;
  readonly restrictions?: Restrictions | undefined;
}

/**
 * An issuer in memory: keys, tokens and principals for the tests of a backend, without a network. What
 * it issues passes through the same verifier as in production.
 */
export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** A principal, whole; members of `overrides` replace ours. */
  principal(overrides?: Partial<Principal>): Principal;
  /** A signed access token of a principal; members of `claims` replace or (undefined) remove ours. */
  token(
    principal?: Partial<Principal>,
    claims?: Partial<Record<keyof AccessTokenClaims, unknown>>,
  ): string;
  /** An API key that the test issuer knows. */
  apiKey(options?: TestApiKeyOptions): string;
  /** Revokes a token or an API key that it issued; verifiers that follow it know at once. */
  revoke(credential: string): void;
  /** Takes scopes from the principal of a token or an API key that it issued: these are left. */
  narrow(credential: string, scopes: readonly string[]): void;
  /** Puts any entry into the feed of revocations. */
  publish(revocation: TestRevocation): void;
  /**
   * Has the credential of the backend limited to an organization, or to none (null): the feed then tells
   * only of that one, and of what concerns all. Streams begin anew.
   */
  limitTo(organization: string | null): void;
  /** Unreachable, as in an outage, until it is called with false. */
  setUnreachable(unreachable: boolean): void;
  /** Answers as the service does: keys, metadata, introspection, tokens, the feed of revocations. */
  readonly fetch: Fetch;
  /** The options that make `createVerifier` talk to this issuer. */
  readonly verifierOptions: VerifierOptions;
  /** A verifier of this issuer; close it at the end of the test. */
  createVerifier(options?: Partial<VerifierOptions>): Verifier;
}

/** Creates an issuer for tests. Its keys are new each time. */
export function createTestIssuer({
  issuer = 'https://auth.test',
  audience = 'https://api.test',
}: TestIssuerOptions = {}): TestIssuer {
  const signer = createTestSigner(randomBytes(32).toString('base64url'));
  const credentials = new TestCredentials();
  const feed = new TestFeed(issuer);

  const issueToken = (
    principal: Principal,
    cid: string,
    claims: Partial<Record<keyof AccessTokenClaims, unknown>> = {},
  ): string => {
    const all = { ...claimsOf(principal, cid, feed.position), ...claims };
    const text = signer.sign(all);
    // As it is signed, without what was removed.
    credentials.addToken(text, JSON.parse(JSON.stringify(all)) as AccessTokenClaims);
    return text;
  };
  const service = new TestService({
    issuer,
    jwk: signer.jwk,
    feed,
    credentials,
    backendCredential: BACKEND_CREDENTIAL,
    issueToken: ({ principal, cid }, forAudience) =>
      issueToken({ ...principal, audience: [forAudience ?? audience] }, cid),
  });
  const makePrincipal = (overrides: Partial<Principal> = {}) =>
    principalOf(issuer, audience, overrides);
  const verifierOptions: VerifierOptions = {
    issuer,
    audience,
    credential: BACKEND_CREDENTIAL,
    fetch: service.fetch,
  };
  return {
    issuer,
    audience,
    principal: makePrincipal,
    token: (principal, claims) => {
      const cid = `${randomId('key_')}.${randomVersion()}`;
      return issueToken(makePrincipal(principal), cid, claims);
    },
    apiKey: ({ principal, restrictions } = {}) =>
      credentials.addApiKey(makePrincipal(principal), restrictions),
    revoke(text) {
      const credential = credentials.require(text);
      const { cid, jti } = credential;
      credential.isRevoked = true;
      const { organization } = credential.principal;
      const named: TestRevocation =
        jti === undefined ? { type: 'credential', id: cid } : { type: 'jti', id: jti };
      feed.publish(named, organization);
    },
    narrow(text, scopes) {
      const credential = credentials.require(text);
      credential.principal = { ...credential.principal, scopes: [...scopes].sort() };
      const { organization, subject } = credential.principal;
      feed.publish({ type: 'principal', id: subject, final: false }, organization);
    },
    publish: (revocation) => feed.publish(revocation),
    limitTo: (organization) => feed.limitTo(organization),
    setUnreachable: (unreachable) => service.setUnreachable(unreachable),
    fetch: service.fetch,
    verifierOptions,
    createVerifier: (options) => createVerifier({ ...verifierOptions, ...options }),
  };
}

function principalOf(issuer: string, audience: string, overrides: Partial<Principal>): Principal {
  const id = randomId('key_');
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    subject: randomId('prn_'),
    type: 'service',
    name: 'a client in a test',
    organization: null,
    scopes: [],
    roles: [],
    audience: [audience],
    environment: 'test',
    metadata: {},
    credential: {
      type: 'api_key',
      id,
      issuer,
      issued_at: issuedAt,
      expires_at: issuedAt + TOKEN_SECONDS,
      root: { type: 'api_key', id },
    },
    actor: null,
    ...overrides,
  };
}

/** The claims of a token of a principal, as the service makes them. */
function claimsOf(principal: Principal, cid: string, position: number) {
  const { issuer } = principal.credential;
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: principal.subject,
    aud: principal.audience,
    client_id: cid.split('.')[0],
    iat: issuedAt,
    exp: issuedAt + TOKEN_SECONDS,
    jti: randomVersion(),
    scope: principal.scopes.length > 0 ? principal.scopes.join(' ') : undefined,
    name: principal.name,
    principal_type: principal.type,
    org: principal.organization ?? undefined,
    roles: principal.roles,
    env: principal.environment,
    meta: principal.metadata,
    cid,
    pos: position,
  };
}

import type { IssuedCredential, Subject } from '../history/credential.js';
import type { TokenLifetime, World } from '../schedule/world.js';

export interface KnownPrincipal {
  readonly id: string;
  readonly organization: string | null;
  readonly role: string | null;
}

export interface KnownKey {
  readonly id: string;
  readonly principal: string;
  /** Name of the newest version. */
  newestVersion: string;
}

/** What the names of a schedule stand for in the service, as far as the test bed came to know. */
export class Estate {
  readonly organizations = new Map<string, string>();
  readonly roles = new Map<string, string>();
  readonly principals = new Map<string, KnownPrincipal>();
  readonly keys = new Map<string, KnownKey>();
  /** The newest refresh token of each family. */
  readonly families = new Map<string, string>();
  /** What is presented, by the credential's name. */
  readonly secrets = new Map<string, string>();
  readonly credentials = new Map<string, IssuedCredential>();
  /** Not to be asked about yet: it is to be met for the first time at a certain moment. */
  readonly cold = new Set<string>();

  constructor(readonly world: World) {}

  /** Credentials whose life hangs on it. */
  hitBy(subject: Subject): IssuedCredential[] {
    return [...this.credentials.values()].filter(({ subjects }) => subjects.includes(subject));
  }

  /** What a version of a key hangs on. */
  subjectsOf(key: string, version: string): Subject[] {
    const principalName = this.keys.get(key)?.principal ?? '';
    const principal = this.principals.get(principalName);
    return [
      ...(principal?.organization ? [`organization:${principal.organization}` as const] : []),
      ...(principal?.role ? [`role:${principal.role}` as const] : []),
      `principal:${principalName}`,
      `key:${key}`,
      `version:${version}`,
    ];
  }

  /** Whether it is for the API of these tokens: a key is for every API. */
  isFor(name: string, lifetime: TokenLifetime): boolean {
    const token = this.world.tokens.find((each) => each.name === name);
    return token === undefined || token.lifetime === lifetime;
  }

  add(credential: IssuedCredential, secret: string): void {
    this.credentials.set(credential.name, credential);
    this.secrets.set(credential.name, secret);
  }
}

import type { Change } from '../changes/change.js';
import type { ChangeSink } from '../changes/change-sink.js';
import type { ResourceServerPolicy } from './resource-server-policy.js';

export type LoadResourceServers = () => Promise<readonly ResourceServerPolicy[]>;

/** The resource servers in memory, reloaded whenever the feed says that one has changed. */
export class ResourceServers implements ChangeSink {
  #byAudience: ReadonlyMap<string, ResourceServerPolicy> = new Map();
  #published: readonly ResourceServerPolicy[] = [];

  constructor(private readonly loadResourceServers: LoadResourceServers) {}

  /** Those that have metadata published about them; the same array until one changes. */
  get published(): readonly ResourceServerPolicy[] {
    return this.#published;
  }

  find(audience: string): ResourceServerPolicy | undefined {
    return this.#byAudience.get(audience);
  }

  async apply(change: Change): Promise<void> {
    if (change.kind === 'resource_server') await this.reset();
  }

  async reset(): Promise<void> {
    const policies = await this.loadResourceServers();
    this.#byAudience = new Map(policies.map((policy) => [policy.audience, policy]));
    this.#published = policies.filter((policy) => policy.protectedResourceMetadata !== undefined);
  }
}

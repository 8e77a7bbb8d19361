import { type ResourceServerPolicy, ResourceServers } from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../../config/config.js';
import { type Representation, representationOf } from '../representation.js';
import { type ResourceMetadataConfig, resourceServerMetadata } from './resource-server-metadata.js';

/** The metadata of the resource servers that want it published; each document is made once. */
@Injectable()
export class PublishedMetadata {
  readonly #documents = new WeakMap<ResourceServerPolicy, Representation>();

  constructor(
    private readonly resourceServers: ResourceServers,
    @Inject(CONFIG) private readonly config: ResourceMetadataConfig,
  ) {}

  /**
   * @param resource compared octet by octet (RFC 9728 §3.3)
   * @returns undefined: there is no such resource server, or it publishes nothing
   */
  of(resource: string): Representation | undefined {
    const policy = this.resourceServers.find(resource);
    if (policy?.protectedResourceMetadata === undefined) return undefined;
    let document = this.#documents.get(policy);
    if (document === undefined) {
      const metadata = resourceServerMetadata(policy, this.config);
      document = representationOf(metadata, 'application/json');
      this.#documents.set(policy, document);
    }
    return document;
  }
}

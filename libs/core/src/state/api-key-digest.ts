import { randomBytes } from 'node:crypto';
import { SipHash } from './sip-hash.js';

/**
 * Makes the name under which an API key is remembered in this process: a pseudorandom function of it, under
 * a key of the process's own. It never leaves the process, so that neither a look-up's timing nor the map of
 * names helps to guess a key.
 */
export class ApiKeyDigest {
  readonly #sipHash = new SipHash(randomBytes(16));

  /** @returns 128 bits, as 8 UTF-16 units; undefined: there are characters in it that no key has */
  of(apiKey: string): string | undefined {
    return this.#sipHash.of(apiKey);
  }
}

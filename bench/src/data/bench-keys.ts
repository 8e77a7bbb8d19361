import { createHash, randomBytes } from 'node:crypto';
import { deriveServerKeys, KeyTagger, Secret, SecretHasher } from '@countersign/core';

const SECRET_CHARS = 43;
const VERSION_ID_CHARS = 16;
const FORGED_TAG = '0'.repeat(10);

/**
 * The API keys of the bench. Their ids follow from a number, by a formula that SQL knows too, and all
 * have the same secret part, so that a million rows with keys that really work are one INSERT. The
 * service cannot tell: each text is another one, with a tag of its own, and costs what any key costs.
 */
export class BenchKeys {
  /** For `COUNTERSIGN_SECRET`. */
  readonly serverSecret = randomBytes(32).toString('hex');
  /** The secret part of every key. */
  readonly secretPart = randomBytes(SECRET_CHARS).toString('hex').slice(0, SECRET_CHARS);
  readonly #tagger: KeyTagger;

  constructor() {
    this.#tagger = new KeyTagger(deriveServerKeys([new Secret(this.serverSecret)]).tagSecrets);
  }

  /** Key number `index`, from 1: one of those in the table. */
  text(index: number): string {
    return this.#tagged(versionId(`key ${index}`));
  }

  /** The key of the caller that may introspect. */
  introspector(): string {
    return this.#tagged(versionId('introspector'));
  }

  /** A key that is tagged as the service would, and that is in no table. */
  unknown(index: number): string {
    return this.#tagged(versionId(`unknown ${index}`));
  }

  /** A key that looks right, and whose tag is not. */
  forged(index: number): string {
    return this.#untagged(versionId(`forged ${index}`)) + FORGED_TAG;
  }

  /** What is stored for the secret part, at these argon2 parameters. */
  secretHash(memoryKib: number): Promise<string> {
    return new SecretHasher({ memoryKib, timeCost: 1, parallelism: 1 }).hash(this.secretPart);
  }

  #tagged(id: string): string {
    const tagged = this.#untagged(id);
    return tagged + this.#tagger.tag(tagged);
  }

  #untagged(id: string): string {
    return `cs_live_${id}${this.secretPart}`;
  }
}

/** As random as a real one, so that neighbours in number are not neighbours in the index. */
function versionId(name: string): string {
  return createHash('md5').update(name).digest('hex').slice(0, VERSION_ID_CHARS);
}

/** `versionId` of a key in SQL, of the number in column `n`. */
export const VERSION_ID_SQL = `left(md5('key ' || n), ${VERSION_ID_CHARS})`;
export const INTROSPECTOR_VERSION_ID = versionId('introspector');

/** The id `key_…` of key number `index`. */
export function keyId(index: number): string {
  return `key_${index.toString(16).toUpperCase().padStart(26, '0')}`;
}

/** `keyId` in SQL, of the number in column `n`. */
export const KEY_ID_SQL = `'key_' || lpad(upper(to_hex(n)), 26, '0')`;

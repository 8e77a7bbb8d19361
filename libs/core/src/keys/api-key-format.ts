import type { Environment } from '@countersign/contracts';

export const VERSION_ID_LENGTH = 16;
export const SECRET_LENGTH = 43; // 43 base62 characters are 256.03 bits
export const TAG_LENGTH = 10;

const RANDOM_PART_LENGTH = VERSION_ID_LENGTH + SECRET_LENGTH + TAG_LENGTH;
const BASE62 = /^[0-9A-Za-z]+$/;

/** An API key taken apart by its form alone; nothing about it has been verified. */
export interface ApiKeyParts {
  readonly environment: Environment;
  readonly versionId: string;
  readonly secret: string;
  /** All that precedes the tag: what the tag authenticates. */
  readonly tagged: string;
  readonly tag: string;
}

/** Whether `text` starts as our keys do, so that a failure to parse it means a broken key of ours. */
export function looksLikeApiKey(text: string, keyPrefix: string): boolean {
  return text.startsWith(keyPrefix) && text.charCodeAt(keyPrefix.length) === 0x5f;
}

/**
 * Takes `<prefix>_<environment>_<id><secret><tag>` apart; undefined for any other form. Every part
 * has a fixed length, so there is one way only to read a key.
 */
export function parseApiKey(text: string, keyPrefix: string): ApiKeyParts | undefined {
  if (!looksLikeApiKey(text, keyPrefix)) return undefined;
  const environment = text.slice(keyPrefix.length + 1, keyPrefix.length + 5);
  if (environment !== 'live' && environment !== 'test') return undefined;
  const start = keyPrefix.length + 6;
  if (text.length !== start + RANDOM_PART_LENGTH || text.charAt(start - 1) !== '_')
    return undefined;
  if (!BASE62.test(text.slice(start))) return undefined;
  const secretStart = start + VERSION_ID_LENGTH;
  const tagStart = secretStart + SECRET_LENGTH;
  return {
    environment,
    versionId: text.slice(start, secretStart),
    secret: text.slice(secretStart, tagStart),
    tagged: text.slice(0, tagStart),
    tag: text.slice(tagStart),
  };
}

import { createRequire } from 'node:module';

interface SipHashDouble {
  /**
   * @param key four words of 32 bits, the lowest first
   * @returns four words of 32 bits, the highest first
   */
  hash(key: readonly number[], message: Uint8Array): Uint32Array;
}

// Not imported: beside its JavaScript the package has sources in TypeScript, which would be compiled as ours.
const require = createRequire(import.meta.url);

/** SipHash-2-4 with 128 bits of output, of another author. */
export const sipHashDouble = require('siphash/lib/siphash-double.js') as SipHashDouble;

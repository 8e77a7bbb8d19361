declare module 'siphash/lib/siphash-double.js' {
  const sipHashDouble: {
    /**
     * @param key four words of 32 bits, the lowest first
     * @returns four words of 32 bits, the highest first
     */
    hash(key: readonly number[], message: Uint8Array): Uint32Array;
  };
  export default sipHashDouble;
}

const BLOCK_BYTES = 8;
const COMPRESSION_ROUNDS = 2;
const FINALIZATION_ROUNDS = 4;

/**
 * SipHash-2-4 with 128 bits of output: a pseudorandom function for short inputs, made for look-ups by
 * what an attacker chooses. Without its key nobody can tell what a text's value is, nor find two texts with
 * the same.
 *
 * Of our own, since nothing else is as fast where it runs: within a request a SHA-256 of OpenSSL takes
 * four times as long, its code being cold by then, and packages that have SipHash take several times
 * as long as that. Each 64-bit word is two halves of 32 bits.
 * @see Aumasson, Bernstein: SipHash, a fast short-input PRF (2012), §2; the reference implementation
 *   for the output of 128 bits
 */
export class SipHash {
  readonly #k0l: number;
  readonly #k0h: number;
  readonly #k1l: number;
  readonly #k1h: number;

  /** @param key 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError('a key of SipHash has 16 bytes');
    const words = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.#k0l = words.getInt32(0, true);
    this.#k0h = words.getInt32(4, true);
    this.#k1l = words.getInt32(8, true);
    this.#k1h = words.getInt32(12, true);
  }

  /**
   * @param text one byte for each character
   * @returns 8 UTF-16 units that are the 16 bytes of output, the first of two in the lower half; undefined:
   *   `text` has a character beyond U+00FF
   */
  of(text: string): string | undefined {
    let v0l = this.#k0l ^ 0x70736575;
    let v0h = this.#k0h ^ 0x736f6d65;
    let v1l = this.#k1l ^ 0x6e646f6d ^ 0xee;
    let v1h = this.#k1h ^ 0x646f7261;
    let v2l = this.#k0l ^ 0x6e657261;
    let v2h = this.#k0h ^ 0x6c796765;
    let v3l = this.#k1l ^ 0x79746573;
    let v3h = this.#k1h ^ 0x74656462;
    let firstLow = 0;
    let firstHigh = 0;
    let units = 0;

    // The blocks of the text, of which the last is padded and has the length; then one turn for either half of
    // the output, whose block is zero.
    const whole = text.length >>> 3;
    for (let turn = 0; turn <= whole + 2; turn += 1) {
      let low = 0;
      let high = 0;
      if (turn < whole) {
        const at = turn * BLOCK_BYTES;
        const a = text.charCodeAt(at);
        const b = text.charCodeAt(at + 1);
        const c = text.charCodeAt(at + 2);
        const d = text.charCodeAt(at + 3);
        const e = text.charCodeAt(at + 4);
        const f = text.charCodeAt(at + 5);
        const g = text.charCodeAt(at + 6);
        const h = text.charCodeAt(at + 7);
        units |= a | b | c | d | e | f | g | h;
        low = a | (b << 8) | (c << 16) | (d << 24);
        high = e | (f << 8) | (g << 16) | (h << 24);
      } else if (turn === whole) {
        for (let at = whole * BLOCK_BYTES; at < text.length; at += 1) {
          const unit = text.charCodeAt(at);
          units |= unit;
          if (at % BLOCK_BYTES < 4) low |= unit << ((at % 4) * 8);
          else high |= unit << ((at % 4) * 8);
        }
        high |= text.length << 24;
      } else if (turn === whole + 1) {
        v2l ^= 0xee;
      } else {
        firstLow = v0l ^ v1l ^ v2l ^ v3l;
        firstHigh = v0h ^ v1h ^ v2h ^ v3h;
        v1l ^= 0xdd;
      }
      const rounds = turn <= whole ? COMPRESSION_ROUNDS : FINALIZATION_ROUNDS;
      v3l ^= low;
      v3h ^= high;
      for (let round = 0; round < rounds; round += 1) {
        let before = v0l;
        v0l = (v0l + v1l) | 0;
        v0h = (v0h + v1h + carry(v0l, before)) | 0;
        before = v1l;
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
        v1h = ((v1h << 13) | (before >>> 19)) ^ v0h;
        before = v0l;
        v0l = v0h;
        v0h = before;

        before = v2l;
        v2l = (v2l + v3l) | 0;
        v2h = (v2h + v3h + carry(v2l, before)) | 0;
        before = v3l;
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
        v3h = ((v3h << 16) | (before >>> 16)) ^ v2h;

        before = v0l;
        v0l = (v0l + v3l) | 0;
        v0h = (v0h + v3h + carry(v0l, before)) | 0;
        before = v3l;
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
        v3h = ((v3h << 21) | (before >>> 11)) ^ v0h;

        before = v2l;
        v2l = (v2l + v1l) | 0;
        v2h = (v2h + v1h + carry(v2l, before)) | 0;
        before = v1l;
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
        v1h = ((v1h << 17) | (before >>> 15)) ^ v2h;
        before = v2l;
        v2l = v2h;
        v2h = before;
      }
      v0l ^= low;
      v0h ^= high;
    }
    if (units > 0xff) return undefined;
    const secondLow = v0l ^ v1l ^ v2l ^ v3l;
    const secondHigh = v0h ^ v1h ^ v2h ^ v3h;
    return String.fromCharCode(
      firstLow & 0xffff,
      firstLow >>> 16,
      firstHigh & 0xffff,
      firstHigh >>> 16,
      secondLow & 0xffff,
      secondLow >>> 16,
      secondHigh & 0xffff,
      secondHigh >>> 16,
    );
  }
}

/** Whether an addition of two unsigned 32-bit numbers went over: then its sum is below either. */
function carry(sum: number, summand: number): number {
  return sum >>> 0 < summand >>> 0 ? 1 : 0;
}

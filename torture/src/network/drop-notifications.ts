const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;
const NOTIFICATION = 'A'.charCodeAt(0);

/**
 * Takes NotificationResponse messages out of what a Postgres server sends, in whatever pieces it comes.
 * For connections without TLS: their server's first byte begins a message.
 * @see PostgreSQL documentation, "Message Formats": a byte of type, and a length that counts itself
 */
export class NotificationDropper {
  /** A message whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** @returns what is to be passed on, messages as they came but without notifications */
  pass(piece: Buffer, isDropping: boolean): Buffer {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const kept: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= TYPE_BYTES + LENGTH_BYTES) {
      const end = at + TYPE_BYTES + bytes.readUInt32BE(at + TYPE_BYTES);
      if (end > bytes.length) break;
      if (!isDropping || bytes[at] !== NOTIFICATION) kept.push(bytes.subarray(at, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return Buffer.concat(kept);
  }
}

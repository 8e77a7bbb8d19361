/** An HTTP answer as it was received. Valid only until the callback that is given it returns. */
export interface Answer {
  readonly status: number;
  /** Head and body. */
  readonly bytes: Buffer;
  /** Where the body begins. */
  readonly bodyStart: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/**
 * Reads an answer whose length is told by Content-Length; undefined as long as it is not complete.
 * @throws {Error} anything else: it would be read wrongly
 */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const bodyStart = headEnd + HEAD_END.length;
  const end = bodyStart + Number(length);
  if (bytes.length < end) return undefined;
  if (bytes.length > end) throw new Error('more bytes than one answer');
  return { status: Number(head.slice(9, 12)), bytes, bodyStart };
}

export function textOf({ bytes }: Answer): string {
  return bytes.toString('utf8');
}

export function bodyOf({ bytes, bodyStart }: Answer): string {
  return bytes.toString('utf8', bodyStart);
}

import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@countersign/contracts';
import { copyLatin1 } from './copy-latin1.js';
import { decodeLatin1Base64url, writeLatin1Base64url } from './decode-base64url.js';
import { type JoseHeader, parseJoseHeader } from './parse-jose-header.js';
import { parseJsonObject } from './parse-json-object.js';
import { type Rejection, rejected } from './rejection.js';

/** Longest token that is looked at, in characters. */
export const TOKEN_MAX_CHARS = 8192;

// Of the octets nothing is kept: they are text at once.
const place = Buffer.allocUnsafeSlow(TOKEN_MAX_CHARS);

/** Only this module constructs one, so that `payload` and `signingInput` always belong together. */
class ParsedCompactJws<Alg extends string> {
  readonly ok = true;
  declare private readonly brand: never;

  constructor(
    /** All of it: a copy, which may be kept without whatever the token was cut out of. */
    readonly text: string,
    readonly header: JoseHeader<Alg>,
    /** Unverified. */
    readonly payload: Readonly<Record<string, unknown>>,
    /** What the signature is over, ASCII: the encoded header, a dot, the encoded payload. */
    readonly signingInput: string,
    readonly signature: Buffer,
  ) {}
}

/** A token that is a JWS in form. Nothing about it has been verified. */
export type CompactJws<Alg extends string = SigningAlgorithm> = ParsedCompactJws<Alg>;

/**
 * Parses a JWS in compact serialization whose payload is a JSON object. Each token has exactly one
 * spelling that is accepted: three non-empty parts in canonical base64url, nothing around them.
 * No cryptography and no I/O.
 *
 * Rejects with `malformed_token` (also what is longer than 8192 characters, before any work, a JWE,
 * a JSON serialization) or as `parseJoseHeader` does.
 * @see RFC 7515 §3.1, §5.2
 */
export function parseCompactJws(token: string): CompactJws | Rejection;
/** The same for another issuer's tokens, by the algorithms that it is allowed. */
export function parseCompactJws<Alg extends string>(
  token: string,
  algorithms: readonly Alg[],
): CompactJws<Alg> | Rejection;
export function parseCompactJws(
  token: string,
  algorithms: readonly string[] = SIGNING_ALGORITHMS,
): CompactJws<string> | Rejection {
  if (typeof token !== 'string' || token.length > TOKEN_MAX_CHARS) {
    return rejected('malformed_token');
  }
  // Copied first, so that the parts are looked through once instead of each for itself.
  const text = copyLatin1(token, place);
  if (text === null) return rejected('malformed_token');
  const headerEnd = text.indexOf('.');
  const payloadEnd = text.indexOf('.', headerEnd + 1);
  // A further dot (a JWE has four) would be in the last part, where it is not base64url.
  if (headerEnd < 1 || payloadEnd <= headerEnd + 1 || payloadEnd + 1 === text.length) {
    return rejected('malformed_token');
  }
  const header = parseJoseHeader(text.slice(0, headerEnd), algorithms);
  if (!header.ok) return header;
  const signature = decodeLatin1Base64url(text.slice(payloadEnd + 1));
  if (signature === null) return rejected('malformed_token');
  const length = writeLatin1Base64url(text.slice(headerEnd + 1, payloadEnd), place);
  const payload = length === null ? null : parseJsonObject(place, length);
  if (payload === null) return rejected('malformed_token');
  return new ParsedCompactJws(text, header, payload.members, text.slice(0, payloadEnd), signature);
}

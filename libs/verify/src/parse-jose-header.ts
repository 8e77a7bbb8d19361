import type { SigningAlgorithm } from '@countersign/contracts';
import { decodeBase64url } from './decode-base64url.js';
import { hasDuplicateMembers } from './has-duplicate-members.js';
import { parseJsonObject } from './parse-json-object.js';
import { type Rejection, rejected } from './rejection.js';

/** What of a JOSE header a verifier of ours acts on. `kid` and `typ` are null when absent. */
export interface JoseHeader<Alg extends string = SigningAlgorithm> {
  readonly ok: true;
  readonly alg: Alg;
  readonly kid: string | null;
  readonly typ: string | null;
}

const ENCODED_MAX_CHARS = 1024;
const CACHED_HEADERS_MAX = 256;

// `crit` and `b64` change what a signature means and we understand no extension (RFC 7515 §4.1.11,
// RFC 7797 §3). The others carry or point at a key of the sender's choice (RFC 7515 §4.1.2 to
// §4.1.6): a verifier may ignore them, but no token of ours bears them, so one that does is a probe.
const REFUSED_MEMBERS = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c'] as const;

interface KnownHeader {
  readonly encoded: string;
  readonly header: JoseHeader<string>;
}

/** Headers that were read and found good, by their encoded spelling. */
const known = new Map<string, KnownHeader>();
/** The one before: to compare a text takes less than to look it up, which hashes it. */
let last: KnownHeader | undefined;

/**
 * Reads an encoded JOSE header, whose `alg` must be in `algorithms`. All tokens of one key share their header, so what was read is
 * remembered, at most 256 headers of at most 1024 characters; the result is frozen and shared.
 *
 * RFC 7515 §4 lets a verifier reject duplicate member names or take the last one: we reject them.
 *
 * Rejects with `malformed_token` what is not one JSON object in canonical base64url, names a member
 * twice, or bears `crit`, `b64`, `jku`, `jwk`, `x5u` or `x5c`; with `unsupported_algorithm` an
 * `alg` that is absent or not in the list, compared exactly.
 * @see RFC 7515 §4, RFC 8725 §3.1
 */
export function parseJoseHeader<Alg extends string>(
  encoded: string,
  algorithms: readonly Alg[],
): JoseHeader<Alg> | Rejection {
  const header = encoded === last?.encoded ? last.header : recallOrRead(encoded);
  return !header.ok || isOfAlgorithms(header, algorithms)
    ? header
    : rejected('unsupported_algorithm');
}

function isOfAlgorithms<Alg extends string>(
  header: JoseHeader<string>,
  algorithms: readonly Alg[],
): header is JoseHeader<Alg> {
  return (algorithms as readonly string[]).includes(header.alg);
}

function recallOrRead(encoded: string): JoseHeader<string> | Rejection {
  const recalled = known.get(encoded);
  if (recalled === undefined) return readAndRemember(encoded);
  last = recalled;
  return recalled.header;
}

function readAndRemember(encoded: string): JoseHeader<string> | Rejection {
  const header = read(encoded);
  if (!header.ok) return header;
  // Dropping all at once keeps this bounded without a cost for each hit: reading one again is cheap.
  if (known.size >= CACHED_HEADERS_MAX) known.clear();
  // A copy: a slice of the token would keep the whole token in memory.
  const copy = Buffer.from(encoded, 'latin1').toString('latin1');
  known.set(copy, { encoded: copy, header });
  return header;
}

function read(encoded: string): JoseHeader<string> | Rejection {
  if (encoded.length > ENCODED_MAX_CHARS) return rejected('malformed_token');
  const octets = decodeBase64url(encoded);
  const json = octets && parseJsonObject(octets);
  if (!json || hasDuplicateMembers(json)) return rejected('malformed_token');
  const { members } = json;
  if (REFUSED_MEMBERS.some((name) => Object.hasOwn(members, name))) {
    return rejected('malformed_token');
  }
  const { alg, kid = null, typ = null } = members;
  if (typeof alg !== 'string') return rejected('unsupported_algorithm');
  if (!isStringOrAbsent(kid) || !isStringOrAbsent(typ)) return rejected('malformed_token');
  return Object.freeze({ ok: true, alg, kid, typ });
}

function isStringOrAbsent(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

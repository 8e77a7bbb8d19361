/** Where a request says how long it is ready to wait, and the answer that this was heeded. */
export const PREFER_HEADER = 'prefer';
export const PREFERENCE_APPLIED_HEADER = 'preference-applied';

/** The header as OpenAPI describes it. */
export const PREFER_PARAMETER = {
  name: 'Prefer',
  required: false,
  description:
    '`wait=5`: waits five seconds at most until all replicas have applied what it takes away ' +
    '(RFC 7240 §4.3).',
  schema: { type: 'string' },
} as const;

// A comma may stand in the quoted value of another preference. A quote that is never closed reaches to
// the end: where it did not match, each quote after it would be tried as a beginning, up to the end.
const PREFERENCE = /(?:[^",]|"(?:[^"\\]|\\(?:.|$))*(?:"|$))+/gs;
const NAME = /^\s*([^\s=;]+)/;
const WAIT = /^\s*wait\s*=\s*("?)(\d{1,9})\1\s*(?:;|$)/i;

/**
 * How many seconds the sender of a request is ready to wait for its answer; null when it does not say,
 * or not so that it can be understood. Of several statements the first counts.
 * @param header the value of `Prefer`
 * @see RFC 7240 §2, §4.3
 */
export function preferredWaitSeconds(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const preferences = text.match(PREFERENCE) ?? [];
  const first = preferences.find((each) => NAME.exec(each)?.[1]?.toLowerCase() === 'wait');
  const seconds = first === undefined ? undefined : WAIT.exec(first)?.[2];
  return seconds === undefined ? null : Number(seconds);
}

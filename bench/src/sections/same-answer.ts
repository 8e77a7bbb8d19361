import type { KeptAnswer } from '../load/ask-once.js';
import type { ReferenceConfig } from '../running/reference-config.js';

// Node makes these itself.
const MADE_BY_NODE = new Set(['date', 'connection', 'keep-alive', 'content-length']);
// Another one in each answer of the service, or for each credential; the reference repeats one of the
// same length.
const MADE_ANEW = new Set([
  'date',
  'x-request-id',
  'x-principal-credential',
  'x-principal-name',
  'x-principal-subject',
  'x-principal-token',
]);

/** What a bare Fastify needs to be told to answer as the service did. */
export function headersLike(
  answer: KeptAnswer,
): Pick<ReferenceConfig, 'headers' | 'keepAliveSeconds'> {
  const headers = headersOf(answer);
  const timeout = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1];
  return {
    headers: Object.fromEntries([...headers].filter(([name]) => !MADE_BY_NODE.has(name))),
    keepAliveSeconds: timeout === undefined ? null : Number(timeout),
  };
}

/**
 * Fails unless the reference answers with the same headers as the service, Content-Length included,
 * or of the same length, where they differ each time; the body is the service's own.
 */
export function requireSameAnswer(service: KeptAnswer, reference: KeptAnswer): void {
  const [ours, theirs] = [service, reference].map((answer) =>
    [...headersOf(answer)]
      .map(
        ([name, value]) => `${name}: ${MADE_ANEW.has(name) ? `${value.length} characters` : value}`,
      )
      .sort()
      .join('\n'),
  );
  if (ours !== theirs) {
    throw new Error(
      `the reference answers other headers:\n${theirs}\n\nthan the service:\n${ours}`,
    );
  }
}

function headersOf({ head }: KeptAnswer): Map<string, string> {
  const lines = head.trim().split('\r\n').slice(1);
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

import { untilAborted } from './until-aborted.js';

/**
 * What an operation comes to, unless a signal aborts before, or it takes too long. The operation's own
 * signal says both.
 *
 * The timer is ours: on Node 20 a signal of `AbortSignal.timeout` that only `AbortSignal.any` knows of may
 * be collected, and its timer with it, so that it never fires.
 * @throws {unknown} the signal's reason, when it aborts
 * @throws {DOMException} `TimeoutError`
 */
export async function withinTime<T>(
  signal: AbortSignal,
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ends = new AbortController();
  const end = () => ends.abort(signal.reason);
  const timer = setTimeout(() => ends.abort(tooLate()), timeoutMs).unref();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    return await untilAborted(operation(ends.signal), ends.signal);
  } finally {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
  }
}

function tooLate(): DOMException {
  return new DOMException('it took too long', 'TimeoutError');
}

/**
 * What a promise comes to, unless the signal aborts before: whoever made the promise may not observe the
 * signal, or never settle.
 * @throws {unknown} the signal's reason, when it aborts
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = () => {};
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

import { describe, expect, it } from '@jest/globals';
import { withinTime } from './within-time.js';

const LONG_MS = 60_000;
const never = () => new Promise<never>(() => {});

describe('withinTime', () => {
  it('gives what the operation comes to', async () => {
    const { signal } = new AbortController();
    expect(await withinTime(signal, LONG_MS, async () => 'done')).toBe('done');
    const failing = withinTime(signal, LONG_MS, () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
  });

  it('ends in time, and tells the operation, also one that does not listen', async () => {
    const { signal } = new AbortController();
    let ends = signal;
    const operation = (given: AbortSignal) => {
      ends = given;
      return never();
    };
    const result = withinTime(signal, 20, operation);
    await expect(result).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(ends.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('ends with the signal that it was given, at once where that was aborted before', async () => {
    const closing = new AbortController();
    const result = withinTime(closing.signal, LONG_MS, never);
    closing.abort(new Error('closed'));
    await expect(result).rejects.toThrow('closed');
    await expect(withinTime(closing.signal, LONG_MS, never)).rejects.toThrow('closed');
  });
});

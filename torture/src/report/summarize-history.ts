import type { History } from '../history/history.js';

/** What there was in a history, in one line: a run in which nothing happened has shown nothing. */
export function summarizeHistory({ credentials, asks, takings, faults }: History): string {
  const asked = count(asks.map(({ outcome }) => outcome));
  const taken = count(takings.map(({ outcome }) => outcome));
  const broken = count(faults.map(({ what }) => what.split(' ', 1)[0] ?? ''));
  return `${credentials.length} credentials; asked: ${asked}; taken: ${taken}; broken: ${broken}`;
}

function count(words: readonly string[]): string {
  const numbers = new Map<string, number>();
  for (const word of words) numbers.set(word, (numbers.get(word) ?? 0) + 1);
  return [...numbers].map(([word, number]) => `${number} ${word}`).join(', ') || 'nothing';
}

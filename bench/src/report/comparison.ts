import type { Pair } from '../measure/interleave.js';
import { median } from '../measure/statistics.js';
import type { Throughput } from '../measure/throughput.js';
import { formatNumber, formatPercent, formatRatio } from './format.js';
import type { Table } from './table.js';

/** One line of a comparison. */
export interface Compared {
  readonly name: string;
  /** By turns. */
  readonly pair: Pair<Throughput>;
  /** At the same time, where that was measured. */
  readonly together?: Pair<Throughput>;
}

export interface ComparisonText {
  readonly title: string;
  /** What is counted, in the singular: `request`. */
  readonly unit: string;
  /** Names of the two sides, short. */
  readonly reference: string;
  readonly ours: string;
  readonly notes?: readonly string[];
}

/**
 * Two sides beside each other: best ÷ best, median ÷ median, and the best CPU time; and the CPU time
 * while both were measured at the same time, the median of all rounds.
 */
export function compare(text: ComparisonText, lines: readonly Compared[]): Table {
  const sides = [text.reference, text.ours, 'ratio'];
  const group = (heading: string) => ({ heading, columns: sides.length });
  const isTogether = lines.every(({ together }) => together !== undefined);
  return {
    title: text.title,
    groups: [
      group(`${text.unit}s/s, best`),
      group(`${text.unit}s/s, median`),
      group(`CPU µs/${text.unit}, best`),
      ...(isTogether ? [group(`CPU µs/${text.unit}, together`)] : []),
    ],
    columns: ['', ...sides, ...sides, ...sides, ...(isTogether ? sides : [])],
    rows: lines.map(({ name, pair, together }) => [
      name,
      ...figures(pair),
      ...(isTogether && together !== undefined ? cpuTogether(together) : []),
    ]),
    notes: [
      `ratio: ${text.ours} ÷ ${text.reference}`,
      `${text.ours} kept its core busy to ${busy(lines, 'ours')}, ${text.reference} to ${busy(lines, 'reference')}`,
      ...(text.notes ?? []),
    ],
  };
}

function figures(pair: Pair<Throughput>): string[] {
  const rate = ({ perSecond }: Throughput) => perSecond;
  return [
    ...withRatio(pair, (samples) => Math.max(...samples.map(rate))),
    ...withRatio(pair, (samples) => median(samples.map(rate))),
    ...withRatio(pair, (samples) => Math.min(...samples.map(cpu))),
  ];
}

function cpuTogether({ reference, ours }: Pair<Throughput>): string[] {
  const ratios = ours.map(
    (sample, round) => cpu(sample) / (reference[round]?.cpuMicrosPerUnit ?? Number.NaN),
  );
  return [
    formatNumber(median(reference.map(cpu))),
    formatNumber(median(ours.map(cpu))),
    formatRatio(median(ratios)),
  ];
}

function cpu({ cpuMicrosPerUnit }: Throughput): number {
  return cpuMicrosPerUnit;
}

function withRatio(
  pair: Pair<Throughput>,
  reduce: (samples: readonly Throughput[]) => number,
): string[] {
  const reference = reduce(pair.reference);
  const ours = reduce(pair.ours);
  return [formatNumber(reference), formatNumber(ours), formatRatio(ours / reference)];
}

/** Least and most over all lines, so that a load that was too weak does not go unseen. */
function busy(lines: readonly Compared[], side: keyof Pair<Throughput>): string {
  const shares = lines.flatMap(({ pair }) => pair[side].map((sample) => sample.busy));
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map(formatPercent);
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** One measurement of one side. */
export interface Throughput {
  /** Requests, or whatever is counted. */
  readonly perSecond: number;
  /** CPU time of the process that is measured. */
  readonly cpuMicrosPerUnit: number;
  /** How much of one core that process used, 0 to 1 and above: below 1, something else was slower. */
  readonly busy: number;
}

/** @param cpuSeconds of the process, over the same time */
export function throughputOf(count: number, seconds: number, cpuSeconds: number): Throughput {
  return {
    perSecond: count / seconds,
    cpuMicrosPerUnit: (cpuSeconds / count) * 1e6,
    busy: cpuSeconds / seconds,
  };
}

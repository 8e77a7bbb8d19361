import { Counter, type Registry } from 'prom-client';

/** One time series of a {@link HotCounter}; the count is a plain number. */
export class HotSeries {
  count = 0;

  increment(): void {
    this.count++;
  }
}

type Values<Labels> = { readonly [Index in keyof Labels]: Labels[Index] };

/**
 * A Prometheus counter for the hot path. prom-client hashes and checks the labels at each increment;
 * here an increment is one addition, and prom-client reads the sums when it is scraped.
 * @typeParam Labels the closed set of values of each label, so that there is a bound to the series
 */
export class HotCounter<Labels extends readonly string[] = []> {
  readonly #labelNames: { readonly [Index in keyof Labels]: string };
  readonly #series = new Map<string, { values: Values<Labels>; series: HotSeries }>();

  constructor(
    registry: Registry,
    name: string,
    help: string,
    labelNames: { readonly [Index in keyof Labels]: string },
  ) {
    this.#labelNames = labelNames;
    const read = (counter: Counter) => this.#read(counter);
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        read(this);
      },
    });
  }

  /**
   * The series of these label values. Looking it up costs a little: the hottest callers, whose labels
   * do not vary, keep it. From then on it is reported, at first as 0.
   */
  series(...values: Labels): HotSeries {
    const id = values.join(' ');
    let entry = this.#series.get(id);
    if (entry === undefined) {
      entry = { values, series: new HotSeries() };
      this.#series.set(id, entry);
    }
    return entry.series;
  }

  increment(...values: Labels): void {
    this.series(...values).count++;
  }

  #read(counter: Counter): void {
    counter.reset();
    for (const { values, series } of this.#series.values()) {
      const labels: Record<string, string> = {};
      this.#labelNames.forEach((name, index) => {
        labels[name] = values[index] ?? '';
      });
      counter.inc(labels, series.count);
    }
  }
}

import { Gauge, type Registry } from 'prom-client';

/**
 * A Prometheus gauge that asks its source when it is scraped. It reports nothing while it has none,
 * since 0 would be a claim.
 */
export class SampledGauge {
  #read: (() => number) | undefined;

  constructor(registry: Registry, name: string, help: string) {
    const read = () => this.#read?.();
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }

  /** Names the source; a later one takes its place. `read` must be cheap and must not throw. */
  readFrom(read: () => number): void {
    this.#read = read;
  }
}

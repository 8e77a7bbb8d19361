import { Gauge, type Registry } from 'prom-client';

/** How many entries each cache of the process holds, asked when it is scraped. */
export class CacheGauge {
  readonly #caches = new Map<string, () => number>();

  constructor(registry: Registry) {
    const caches = this.#caches;
    new Gauge({
      name: 'countersign_cache_entries',
      help: 'Entries in a cache of this process.',
      labelNames: ['cache'],
      registers: [registry],
      collect() {
        for (const [cache, size] of caches) this.set({ cache }, size());
      },
    });
  }

  /** @param size must be cheap and must not throw */
  watch(cache: string, size: () => number): void {
    this.#caches.set(cache, size);
  }
}

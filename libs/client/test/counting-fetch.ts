import type { Fetch } from '@countersign/verify';

/** A `fetch` that counts requests by path, and lets one path be answered otherwise. */
export class CountingFetch {
  readonly #counts = new Map<string, number>();
  readonly overrides = new Map<string, Fetch>();

  constructor(private readonly inner: Fetch) {}

  readonly fetch: Fetch = (url, init) => {
    const { pathname } = new URL(url);
    this.#counts.set(pathname, this.count(pathname) + 1);
    return (this.overrides.get(pathname) ?? this.inner)(url, init);
  };

  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }
}

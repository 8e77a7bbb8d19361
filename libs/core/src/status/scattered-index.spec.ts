import { describe, expect, it } from '@jest/globals';
import { STATUS_LIST_SIZE, scatteredIndex } from './scattered-index.js';

const SEED = '01980000-0000-4000-8000-000000000000';

describe('scatteredIndex', () => {
  it('gives every place of a list once', () => {
    const places = new Set<number>();
    for (let n = 0; n < STATUS_LIST_SIZE; n += 1) places.add(scatteredIndex(n, SEED));
    expect(places.size).toBe(STATUS_LIST_SIZE);
    expect(Math.min(...[...places].slice(0, 100))).toBeGreaterThanOrEqual(0);
    expect([...places].every((place) => place < STATUS_LIST_SIZE)).toBe(true);
  });

  it('tells from neighbouring places nothing of who came after whom', () => {
    let neighbours = 0;
    for (let n = 1; n < 2_000; n += 1) {
      const distance = scatteredIndex(n, SEED) - scatteredIndex(n - 1, SEED);
      if (Math.abs(distance) <= 16) neighbours += 1;
    }
    expect(neighbours).toBeLessThan(20);
  });

  it('scatters each list in its own way', () => {
    const other = SEED.replace('8000', '8001');
    const same = Array.from({ length: 500 }, (_, n) => n).filter(
      (n) => scatteredIndex(n, SEED) === scatteredIndex(n, other),
    );
    expect(same.length).toBeLessThan(10);
  });
});

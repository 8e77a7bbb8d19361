import { executionAsyncResource } from 'node:async_hooks';

const kept: object[] = [];

/**
 * Keeps `process.nextTick` fast, whose record of a call is an object with computed member names. V8 has a
 * fast way to make one for as long as it knows the shape of the last; it knows it weakly. When its old space
 * is collected while no tick is waiting, the shape is forgotten and the place counts as one that has seen many
 * shapes, for the rest of the process: each tick then takes six times as long (measured with Node 24), and a
 * request has several. One record that stays alive keeps the shape.
 */
export function keepTickShape(): void {
  process.nextTick(() => {
    kept.push(executionAsyncResource());
  });
}

import { expect } from '@jest/globals';

/** The `propagation` of a revocation that the one replica there is has applied. */
export const CONFIRMED = {
  confirmed: true,
  replicas: 1,
  lapsed: 0,
  pending: 0,
  took_ms: expect.any(Number),
};

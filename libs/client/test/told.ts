import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { TestIssuer } from '../src/testing/create-test-issuer.js';
import type { Verifier } from '../src/verifier.js';
import { eventually } from './eventually.js';

/** Waits until a verifier has been told all that was published: until it knows one entry more. */
export async function told(issuer: TestIssuer, ...verifiers: Verifier[]): Promise<void> {
  const before = verifiers.map((verifier) => verifier.staleness().entries);
  issuer.publish({ type: 'jti', id: randomUUID() });
  await eventually(() => {
    verifiers.forEach((verifier, index) => {
      expect(verifier.staleness().entries).toBeGreaterThan(before[index] ?? 0);
    });
  });
  // What was published before the last is there once the last is.
  await new Promise((resolve) => setTimeout(resolve, 5));
}

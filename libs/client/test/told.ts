import { expect } from '@jest/globals';
import type { TestIssuer } from '../src/testing/create-test-issuer.js';
import type { Verifier } from '../src/verifier.js';
import { eventually } from './eventually.js';

/** Waits until a verifier has been told all that was published: until it knows of one thing more. */
export async function told(issuer: TestIssuer, verifier: Verifier): Promise<void> {
  const last = issuer.token({}, { exp: 9_000_000_000 });
  issuer.revoke(last);
  await eventually(async () => {
    expect(await verifier.verify(last)).toMatchObject({ code: 'credential_revoked' });
  });
}

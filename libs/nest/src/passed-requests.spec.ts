import type { Principal, Verifier } from '@countersign/client';
import { describe, expect, it } from '@jest/globals';
import { passedRequests } from './passed-requests.js';
import type { PlatformRequest } from './verifiable-request.js';

describe('passedRequests', () => {
  it('knows a request again, and not on the word of another verifier', () => {
    const [verifier, other] = [{}, {}] as [Verifier, Verifier];
    const request = {} as PlatformRequest;
    const passed = { principal: {} as Principal, scopes: [] };
    passedRequests(verifier).set(request, passed);
    expect(passedRequests(verifier).get(request)).toBe(passed);
    expect(passedRequests(verifier).has({} as PlatformRequest)).toBe(false);
    expect(passedRequests(other).has(request)).toBe(false);
  });
});

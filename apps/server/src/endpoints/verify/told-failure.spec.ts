import { CHECK_NAMES, DECISION_FAILURES } from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';
import { INVALID_CREDENTIAL, toldFailure } from './told-failure.js';

describe('toldFailure', () => {
  it('tells of a use, in the documented order, and nothing of what is wrong with a credential', () => {
    const told = CHECK_NAMES.map(toldFailure).filter((failure) => failure !== undefined);
    const codes = [INVALID_CREDENTIAL, ...told].map(({ check, code }) => ({ check, code }));
    expect(codes).toEqual(DECISION_FAILURES);
  });

  it.each([
    'revocation',
    'expiry',
    'status',
    'principal',
    'organization',
    'actor',
    'root_audience',
  ] as const)('does not tell of %s', (check) => {
    expect(toldFailure(check)).toBeUndefined();
  });
});

import type { CheckName, DecisionFailure } from '@countersign/contracts';

/** All that is said of a credential that is not valid, or that the caller may not see. */
export const INVALID_CREDENTIAL: DecisionFailure = {
  check: 'credential',
  code: 'invalid_credential',
};

const ABOUT_USE: Partial<Record<CheckName, DecisionFailure>> = {
  audience: {
    check: 'audience',
    code: 'wrong_audience',
    detail: 'The credential is not good for this audience.',
  },
  binding: {
    check: 'binding',
    code: 'binding_unproven',
    detail: 'The token is bound to a key, and no good proof came with it; or it is bound to none.',
  },
  ip: {
    check: 'ip',
    code: 'ip_not_allowed',
    detail: 'The credential may not be used from this address, or no address was given.',
  },
  method: {
    check: 'method',
    code: 'method_not_allowed',
    detail: 'The credential may not be used with this method, or no method was given.',
  },
  path: {
    check: 'path',
    code: 'path_not_allowed',
    detail: 'The credential may not be used for this path, or no path was given.',
  },
  scopes: {
    check: 'scopes',
    code: 'insufficient_scope',
    detail: 'The scopes that count here do not satisfy those that are required.',
  },
};

/**
 * What the outside is told of a check that failed; undefined where the check is about the credential
 * in itself, of which nothing is told. A check that is not listed here is of that kind.
 */
export function toldFailure(check: CheckName): DecisionFailure | undefined {
  return ABOUT_USE[check];
}

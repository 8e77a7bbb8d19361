import { describe, expect, it } from '@jest/globals';
import type { IssuedCredential } from '../history/credential.js';
import type { History } from '../history/history.js';
import type { Ask, Asked, FaultWindow, Taking } from '../history/operation.js';
import { checkHistory } from './check-history.js';
import type { Promises } from './promises.js';

const PROMISES: Promises = { verifierStalenessMs: 1_000, recoveryMs: 2_000, clockSlackMs: 100 };
const CREDENTIAL: IssuedCredential = {
  name: 't1',
  kind: 'access_token',
  subjects: ['principal:p1', 'key:k1', 'version:k1.1', 'token:t1'],
  scopes: ['read', 'write'],
  startMs: 0,
  endMs: 10,
  expiresAtMs: 90_000,
};
const REPLICA: Asked = { road: 'introspect', replica: 1 };

function local(policy: 'introspect' | 'refuse' | 'continue'): Asked {
  return { road: 'local', replica: 1, policy };
}

function ask(startMs: number, change: Partial<Ask> = {}): Ask {
  return {
    ...{ asked: REPLICA, credential: 't1', startMs, endMs: startMs + 10, outcome: 'accepted' },
    ...{ scopes: ['read', 'write'], detail: '', final: false },
    ...change,
  };
}

function refused(startMs: number, change: Partial<Ask> = {}): Ask {
  const { scopes: _, ...rest } = ask(startMs, { outcome: 'refused', ...change });
  return rest;
}

function unavailable(startMs: number, change: Partial<Ask> = {}): Ask {
  return refused(startMs, { outcome: 'unavailable', ...change });
}

/** From 1,000 to 2,000 ms. */
function taking(change: Partial<Taking> = {}): Taking {
  return {
    ...{ what: 'revoke-key k1', replica: 0, from: 'key:k1', scopes: 'all', startMs: 1_000 },
    ...{ endMs: 2_000, outcome: 'confirmed', impatient: false, detail: '' },
    ...change,
  };
}

function fault(startMs: number, endMs: number, change: Partial<FaultWindow> = {}): FaultWindow {
  const affected = { replicas: [1], verifiersOf: [1], isSlowness: false };
  return { what: 'cut', startMs, endMs, ...affected, ...change };
}

function clauses(history: Partial<History>): string[] {
  const whole = { credentials: [CREDENTIAL], asks: [], takings: [], faults: [], ...history };
  return checkHistory(whole, PROMISES).map(({ clause }) => clause);
}

describe('an acceptance by a replica', () => {
  it('is wrong once the request began after the confirmation', () => {
    expect(clauses({ takings: [taking()], asks: [ask(2_001)] })).toEqual(['accepted-by-replica']);
  });

  it('is right while the request began before, however late the answer came', () => {
    expect(clauses({ takings: [taking()], asks: [ask(2_000, { endMs: 9_000 })] })).toEqual([]);
  });

  it('is wrong where something was taken that the credential hangs on, and nothing else', () => {
    const asks = [ask(3_000)];
    for (const from of CREDENTIAL.subjects) {
      expect(clauses({ takings: [taking({ from })], asks })).toEqual(['accepted-by-replica']);
    }
    expect(clauses({ takings: [taking({ from: 'key:k2' })], asks })).toEqual([]);
  });

  it('binds after an unconfirmed revocation once its bound is over', () => {
    const takings = [taking({ outcome: 'unconfirmed', boundMs: 500 })];
    expect(clauses({ takings, asks: [ask(2_500)], faults: [fault(0, 2_000)] })).toEqual([]);
    expect(clauses({ takings, asks: [ask(2_501)], faults: [fault(0, 2_000)] })).toEqual([
      'accepted-by-replica',
    ]);
  });

  it('is right after a revocation of which nobody can tell, and after one that failed', () => {
    const faults = [fault(0, 2_000)];
    for (const outcome of ['unknown', 'failed'] as const) {
      expect(clauses({ takings: [taking({ outcome })], asks: [ask(9_000)], faults })).toEqual([]);
    }
  });

  it('is right until the end of a grace, and wrong after it', () => {
    const takings = [taking({ effectiveAtMs: 4_000 })];
    expect(clauses({ takings, asks: [ask(3_999)] })).toEqual([]);
    expect(clauses({ takings, asks: [ask(4_001)] })).toEqual(['accepted-by-replica']);
  });

  it('is wrong with a scope that was taken, and right without it', () => {
    const takings = [taking({ scopes: ['write'] })];
    expect(clauses({ takings, asks: [ask(3_000)] })).toEqual(['accepted-by-replica']);
    expect(clauses({ takings, asks: [ask(3_000, { scopes: ['read'] })] })).toEqual([]);
  });

  it('is wrong without a scope that nobody took', () => {
    const takings = [taking({ scopes: ['write'] })];
    expect(clauses({ asks: [ask(3_000, { scopes: ['read'] })] })).toEqual(['scopes-missing']);
    expect(clauses({ takings, asks: [ask(3_000, { scopes: [] })] })).toEqual(['scopes-missing']);
  });

  it('is wrong after the credential expired, as far as clocks can tell', () => {
    expect(clauses({ asks: [ask(90_100)] })).toEqual([]);
    expect(clauses({ asks: [ask(90_101)] })).toEqual(['accepted-after-expiry']);
  });
});

describe('an acceptance by a local verifier', () => {
  it.each(['introspect', 'refuse'] as const)('is wrong a second later, under %s', (policy) => {
    const asked = local(policy);
    expect(clauses({ takings: [taking()], asks: [ask(3_000, { asked })] })).toEqual([]);
    expect(clauses({ takings: [taking()], asks: [ask(3_001, { asked })] })).toEqual([
      'accepted-by-verifier',
    ]);
  });

  it('is right at any time under continue, until it expires', () => {
    const asked = local('continue');
    expect(clauses({ takings: [taking()], asks: [ask(80_000, { asked })] })).toEqual([]);
    expect(clauses({ takings: [taking()], asks: [ask(95_000, { asked })] })).toEqual([
      'accepted-after-expiry',
    ]);
  });
});

describe('turning away', () => {
  it('is wrong while nobody has taken anything, a fault or not', () => {
    expect(clauses({ asks: [refused(500)], faults: [fault(0, 2_000)] })).toEqual(['turned-away']);
  });

  it('is right from the moment on at which somebody set about taking everything', () => {
    for (const outcome of ['confirmed', 'unknown'] as const) {
      const history = { takings: [taking({ outcome })], faults: [fault(0, 2_000)] };
      expect(clauses({ ...history, asks: [refused(980)] })).toEqual(['turned-away']);
      expect(clauses({ ...history, asks: [refused(990)] })).toEqual([]);
    }
  });

  it('is wrong when the change did not happen, or has its grace', () => {
    const asks = [refused(1_500)];
    expect(clauses({ takings: [taking({ outcome: 'failed' })], asks })).toEqual(['turned-away']);
    expect(clauses({ takings: [taking({ effectiveAtMs: 2_500 })], asks })).toEqual(['turned-away']);
  });

  it('is right once it expired', () => {
    expect(clauses({ asks: [refused(89_950)] })).toEqual([]);
  });

  it('is wrong when only a scope was taken, but for a verifier that asks nobody', () => {
    const takings = [taking({ scopes: ['write'] })];
    const by = (asked: Asked) => clauses({ takings, asks: [refused(3_000, { asked })] });
    expect(by(REPLICA)).toEqual(['turned-away']);
    expect(by(local('introspect'))).toEqual(['turned-away']);
    expect(by(local('refuse'))).toEqual([]);
    expect(by(local('continue'))).toEqual([]);
  });

  it('is wrong for every verifier when the token was issued after the scope was taken', () => {
    const takings = [taking({ scopes: ['write'] })];
    const credentials = [{ ...CREDENTIAL, startMs: 2_100, endMs: 2_110, scopes: ['read'] }];
    const asks = [refused(3_000, { asked: local('refuse') })];
    expect(clauses({ credentials, takings, asks })).toEqual(['turned-away']);
  });
});

describe('no answer', () => {
  it('is right during a fault and its recovery, and wrong otherwise', () => {
    const faults = [fault(1_000, 2_000)];
    expect(clauses({ asks: [unavailable(980)], faults })).toEqual(['unavailable']);
    expect(clauses({ asks: [unavailable(1_000)], faults })).toEqual([]);
    expect(clauses({ asks: [unavailable(4_000)], faults })).toEqual([]);
    expect(clauses({ asks: [unavailable(4_001)], faults })).toEqual(['unavailable']);
  });

  it('is wrong from a replica that the fault does not concern', () => {
    const asked: Asked = { road: 'whoami', replica: 2 };
    expect(
      clauses({ asks: [unavailable(1_500, { asked })], faults: [fault(1_000, 2_000)] }),
    ).toEqual(['unavailable']);
  });

  it('is right from a verifier whose way to its replica is broken, and wrong from the replica', () => {
    const faults = [fault(1_000, 2_000, { replicas: [] })];
    expect(clauses({ asks: [unavailable(1_500, { asked: local('refuse') })], faults })).toEqual([]);
    expect(clauses({ asks: [unavailable(1_500)], faults })).toEqual(['unavailable']);
  });
});

describe('a change', () => {
  it.each(['unconfirmed', 'unknown'] as const)('is %s during a fault only', (outcome) => {
    const takings = [taking({ outcome })];
    expect(clauses({ takings })).toEqual(['taking-unconfirmed']);
    expect(clauses({ takings, faults: [fault(1_500, 1_600, { replicas: [] })] })).toEqual([]);
  });

  it('may be unconfirmed for who did not want to wait', () => {
    expect(clauses({ takings: [taking({ outcome: 'unconfirmed', impatient: true })] })).toEqual([]);
  });
});

describe('when everything is healed', () => {
  const final = { final: true };

  it('an acknowledged revocation holds, also one that was unconfirmed', () => {
    const faults = [fault(0, 2_000)];
    const takings = [taking({ outcome: 'unconfirmed' })];
    expect(clauses({ takings, faults, asks: [ask(60_000, final)] })).toEqual(['taking-lost']);
    expect(clauses({ takings: [taking()], asks: [ask(60_000, final)] })).toEqual([
      'accepted-by-replica',
    ]);
  });

  it('a credential that was handed out is accepted', () => {
    expect(clauses({ asks: [refused(60_000, final)] })).toEqual(['creation-lost']);
    expect(clauses({ asks: [ask(60_000, final)] })).toEqual([]);
  });

  it('there is an answer', () => {
    const faults = [fault(0, 70_000)];
    expect(clauses({ faults, asks: [unavailable(60_000, final)] })).toEqual(['not-recovered']);
  });
});

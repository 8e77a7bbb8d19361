import { describe, expect, it } from '@jest/globals';
import type { AccessTokenClaims } from '@countersign/contracts';
import { revocationIdsOf } from './revocation-ids-of.js';

const ULID = '01K0000000000000000000000';
const KEY_CID = `key_${ULID}1.0123456789abcdef`;
const FEDERATED_CID = `tis_${ULID}1.fid_${ULID}2`;

const CLAIMS: AccessTokenClaims = {
  iss: 'https://auth.example.com',
  sub: `prn_${ULID}1`,
  aud: 'https://api.example.com',
  client_id: `key_${ULID}1`,
  iat: 1,
  exp: 2,
  jti: 'a-jti',
  name: 'Job',
  principal_type: 'service',
  env: 'live',
  cid: KEY_CID,
};

function idsOf(overrides: Partial<AccessTokenClaims> = {}): string[] {
  return revocationIdsOf({ ...CLAIMS, ...overrides }, 'a-kid').map(
    ({ type, id }) => `${type} ${id}`,
  );
}

const PLAIN = [
  'jti a-jti',
  'kid a-kid',
  `principal prn_${ULID}1`,
  `credential ${KEY_CID}`,
  `credential key_${ULID}1`,
  'credential 0123456789abcdef',
  'audience https://api.example.com',
];

describe('revocationIdsOf', () => {
  it('names the token, its signing key, its principal, its key and version, and its audience', () => {
    expect(idsOf().toSorted()).toEqual(PLAIN.toSorted());
  });

  it('names the organization, each role and each audience', () => {
    const aud = ['https://a.example.com', 'https://b.example.com'];
    const ids = idsOf({ org: 'org_1', roles: ['exporter', 'reader'], aud });
    expect(ids).toEqual(
      expect.arrayContaining([
        'organization org_1',
        'role exporter',
        'role reader',
        ...aud.map((each) => `audience ${each}`),
      ]),
    );
    expect(ids).toHaveLength(PLAIN.length - 1 + 5);
  });

  it('names the issuer that a federated token came from, and the identity', () => {
    expect(idsOf({ cid: FEDERATED_CID })).toEqual(
      expect.arrayContaining([
        `credential ${FEDERATED_CID}`,
        `credential tis_${ULID}1`,
        `credential fid_${ULID}2`,
      ]),
    );
  });

  it('names every actor, its organization and what its token came from', () => {
    const act = {
      sub: `prn_${ULID}2`,
      org: 'org_2',
      cid: FEDERATED_CID,
      act: { sub: `prn_${ULID}3`, cid: `key_${ULID}3.fedcba9876543210` },
    };
    const ofActors = [
      `principal prn_${ULID}2`,
      'organization org_2',
      `credential ${FEDERATED_CID}`,
      `credential tis_${ULID}1`,
      `credential fid_${ULID}2`,
      `principal prn_${ULID}3`,
      `credential key_${ULID}3.fedcba9876543210`,
      `credential key_${ULID}3`,
      'credential fedcba9876543210',
    ];
    expect(idsOf({ act }).toSorted()).toEqual([...PLAIN, ...ofActors].toSorted());
  });

  it('names every token that it came of, and every key that has signed one of them', () => {
    const ids = idsOf({ derived_from: ['jti-0', 'kid-0'] });
    const each = ['jti-0', 'kid-0'].flatMap((id) => [`jti ${id}`, `kid ${id}`]);
    expect(ids.toSorted()).toEqual([...PLAIN, ...each].toSorted());
  });

  it('names nothing twice', () => {
    const act = { sub: CLAIMS.sub, org: 'org_1', cid: KEY_CID };
    const ids = idsOf({ org: 'org_1', roles: ['reader', 'reader'], act });
    expect(new Set(ids).size).toBe(ids.length);
  });
});

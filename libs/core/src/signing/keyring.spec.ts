import { describe, expect, it } from '@jest/globals';
import type { SigningKeyStatus } from '@countersign/contracts';
import { sealer, signingKey } from '../../test/signing-keys.js';
import { DependencyUnavailable } from '../dependency-unavailable.js';
import { Keyring } from './keyring.js';
import { PrivateKeySealer, SealBroken } from './private-key-sealer.js';
import type { SigningKeyRecord } from './signing-key-record.js';

const [rsa, laterRsa, ec, ed] = await Promise.all([
  signingKey('RS256'),
  signingKey('RS256'),
  signingKey('ES256'),
  signingKey('Ed25519'),
]);

const inStatus = (key: SigningKeyRecord, status: SigningKeyStatus) => ({ ...key, status });

async function keyringOf(...records: SigningKeyRecord[]): Promise<Keyring> {
  const keyring = new Keyring(async () => records, sealer);
  await keyring.reset();
  return keyring;
}

/** A keyring whose records a test may exchange. */
async function changingKeyring(...initial: SigningKeyRecord[]) {
  let records = initial;
  const keyring = new Keyring(async () => records, sealer);
  await keyring.reset();
  const change = async (...next: SigningKeyRecord[]) => {
    records = next;
    await keyring.apply({ position: 1, kind: 'signing_key', subject: 'kid', revocation: null });
  };
  return { keyring, change };
}

const publishedKids = ({ jwks }: Keyring) => jwks.keys.map(({ kid }) => kid);

describe('Keyring', () => {
  it.each<[SigningKeyStatus, { signs: boolean; verifies: boolean; published: boolean }]>([
    ['next', { signs: false, verifies: false, published: true }],
    ['active', { signs: true, verifies: true, published: true }],
    ['retiring', { signs: false, verifies: true, published: true }],
    ['removed', { signs: false, verifies: false, published: false }],
    ['compromised', { signs: false, verifies: false, published: false }],
  ])('a key that is %s: %p', async (status, { signs, verifies, published }) => {
    const keyring = await keyringOf(inStatus(rsa, status));
    if (signs) expect(keyring.signerFor('RS256').kid).toBe(rsa.kid);
    else expect(() => keyring.signerFor('RS256')).toThrow(DependencyUnavailable);
    expect(keyring.verifying.has(rsa.kid)).toBe(verifies);
    expect(publishedKids(keyring)).toEqual(published ? [rsa.kid] : []);
  });

  it('has nothing before it was loaded', () => {
    const keyring = new Keyring(async () => [rsa], sealer);
    expect(keyring.verifying.size).toBe(0);
    expect(keyring.jwks).toEqual({ keys: [] });
    expect(() => keyring.signerFor('RS256')).toThrow(DependencyUnavailable);
  });

  it('publishes RSA keys first, and what is published is what is stored', async () => {
    const keyring = await keyringOf(ed, ec, inStatus(laterRsa, 'next'), rsa);
    expect(publishedKids(keyring)).toEqual([laterRsa.kid, rsa.kid, ed.kid, ec.kid]);
    expect(keyring.jwks.keys[1]).toEqual(rsa.publicJwk);
  });

  it('signs with the active key of the algorithm, not with what is next or retiring', async () => {
    const { keyring, change } = await changingKeyring(rsa, inStatus(laterRsa, 'next'), ec);
    expect(keyring.signerFor('RS256').kid).toBe(rsa.kid);
    expect(keyring.signerFor('ES256').kid).toBe(ec.kid);
    await change(inStatus(rsa, 'retiring'), laterRsa, ec);
    expect(keyring.signerFor('RS256').kid).toBe(laterRsa.kid);
  });

  it('keeps the same VerificationKey as long as the key is the same, through every reload', async () => {
    const { keyring, change } = await changingKeyring(rsa, ec);
    const before = keyring.verifying.get(rsa.kid);
    await change(rsa, ec, ed);
    await change(inStatus(rsa, 'retiring'), laterRsa);
    expect(before).toBeDefined();
    expect(keyring.verifying.get(rsa.kid)).toBe(before);
  });

  it('keeps the signer, too: its private key is opened once', async () => {
    const { keyring, change } = await changingKeyring(rsa);
    const before = keyring.signerFor('RS256');
    await change(rsa, ec);
    expect(keyring.signerFor('RS256')).toBe(before);
  });

  it('a compromised key is gone from everything as soon as the change is applied', async () => {
    const { keyring, change } = await changingKeyring(rsa, ec);
    await change(ec);
    expect(keyring.verifying.has(rsa.kid)).toBe(false);
    expect(publishedKids(keyring)).toEqual([ec.kid]);
    expect(() => keyring.signerFor('RS256')).toThrow(DependencyUnavailable);
  });

  it('reloads for changes of signing keys only', async () => {
    let loads = 0;
    const keyring = new Keyring(async () => {
      loads += 1;
      return [rsa];
    }, sealer);
    await keyring.apply({ position: 1, kind: 'api_key', subject: 'key_1', revocation: null });
    expect(loads).toBe(0);
    await keyring.apply({ position: 2, kind: 'signing_key', subject: rsa.kid, revocation: null });
    expect(loads).toBe(1);
  });

  it('an active key without its private part verifies and does not sign', async () => {
    const keyring = await keyringOf({ ...rsa, sealedPrivateJwk: null });
    expect(keyring.verifying.has(rsa.kid)).toBe(true);
    expect(() => keyring.signerFor('RS256')).toThrow(DependencyUnavailable);
  });

  it('is as it was when a reload fails: a key that cannot be opened replaces nothing', async () => {
    const { keyring, change } = await changingKeyring(rsa);
    await expect(change({ ...ec, kid: 'another-kid' })).rejects.toThrow(SealBroken);
    expect(publishedKids(keyring)).toEqual([rsa.kid]);
    const foreign = new Keyring(async () => [rsa], new PrivateKeySealer([Buffer.alloc(32)]));
    await expect(foreign.reset()).rejects.toThrow(SealBroken);
    expect(foreign.verifying.size).toBe(0);
  });
});

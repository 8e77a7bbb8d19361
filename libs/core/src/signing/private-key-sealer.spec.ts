import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PrivateKeySealer, SealBroken } from './private-key-sealer.js';

const KID = 'a-thumbprint';
const PRIVATE_JWK = { kty: 'OKP', crv: 'Ed25519', x: 'public', d: 'the private part' };

const sealingKey = randomBytes(32);
const sealer = new PrivateKeySealer([sealingKey]);
const sealed = sealer.seal(KID, PRIVATE_JWK);
const body = Buffer.from(sealed.slice('v1.'.length), 'base64url');

describe('PrivateKeySealer', () => {
  it('opens what it has sealed', () => {
    expect(sealer.open(KID, sealed)).toEqual(PRIVATE_JWK);
  });

  it('shows nothing of the private part, and never the same text twice', () => {
    expect(body.toString('latin1')).not.toContain('private');
    expect(sealer.seal(KID, PRIVATE_JWK)).not.toBe(sealed);
  });

  it('refuses a sealed key under the kid of another', () => {
    expect(() => sealer.open('another-kid', sealed)).toThrow(SealBroken);
    expect(() => sealer.open('', sealed)).toThrow(SealBroken);
  });

  it('refuses it with any one bit changed', () => {
    for (let at = 0; at < body.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(body);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        expect(() => sealer.open(KID, `v1.${changed.toString('base64url')}`)).toThrow(SealBroken);
      }
    }
  });

  it('refuses it cut short anywhere, the authentication tag included', () => {
    for (let length = 0; length < body.length; length += 1) {
      const cut = body.subarray(0, length).toString('base64url');
      expect(() => sealer.open(KID, `v1.${cut}`)).toThrow(SealBroken);
    }
  });

  it.each(['', 'v1', 'v1.', 'v2.AAAA', sealed.slice(3), `v2.${sealed.slice(3)}`])(
    'refuses what is not of its form: %p',
    (text) => {
      expect(() => sealer.open(KID, text)).toThrow(SealBroken);
    },
  );

  it('names the key that cannot be opened and no more of it', () => {
    expect(() => new PrivateKeySealer([randomBytes(32)]).open(KID, sealed)).toThrow(KID);
    expect(new SealBroken(KID).message).not.toContain(sealed);
  });

  describe('rotation of sealing keys', () => {
    const newKey = randomBytes(32);

    it('still opens under an older sealing key', () => {
      expect(new PrivateKeySealer([newKey, sealingKey]).open(KID, sealed)).toEqual(PRIVATE_JWK);
    });

    it('seals under the first', () => {
      const sealedAnew = new PrivateKeySealer([newKey, sealingKey]).seal(KID, PRIVATE_JWK);
      expect(new PrivateKeySealer([newKey]).open(KID, sealedAnew)).toEqual(PRIVATE_JWK);
      expect(() => sealer.open(KID, sealedAnew)).toThrow(SealBroken);
    });

    it('opens nothing under one that has been removed', () => {
      expect(() => new PrivateKeySealer([newKey]).open(KID, sealed)).toThrow(SealBroken);
    });
  });
});

import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { deriveServerKeys, PrivateKeySealer, Secret } from '@countersign/core';
import { administer } from '../../../test/administer.js';

export type Claims = Record<string, unknown>;

/** Makes the signature of a signing input. */
export type Signature = (input: Buffer) => Buffer;

/** A JWS in compact serialization, whatever header, claims and signature are. */
export function compactJws(header: object, claims: object | string, signature: Signature): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const input = `${encode(JSON.stringify(header))}.${encode(payload)}`;
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`;
}

export function headerOf(token: string): Claims {
  return decode(token.split('.')[0]);
}

export function claimsOf(token: string): Claims {
  return decode(token.split('.')[1]);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export function rs256(key: KeyObject): Signature {
  return (input) => sign('sha256', input, key);
}

export function es256(key: KeyObject): Signature {
  return (input) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
}

export function hs256(secret: string | Buffer): Signature {
  return (input) => createHmac('sha256', secret).update(input).digest();
}

export function rsaKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/**
 * The private key that the service signs RS256 with, taken out of its database: for tokens that are
 * wrong in one thing only.
 */
export async function signingKeyOf(databaseUrl: string, secret: string): Promise<KeyObject> {
  const [row] = await administer(
    databaseUrl,
    `SELECT kid, sealed_private_jwk AS sealed FROM signing_keys
     WHERE alg = 'RS256' AND status = 'active'`,
  );
  const sealer = new PrivateKeySealer(deriveServerKeys([new Secret(secret)]).sealingKeys);
  const key = sealer.open(String(row?.['kid']), String(row?.['sealed']));
  return createPrivateKey({ key, format: 'jwk' });
}

function decode(part = ''): Claims {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
}

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Throughput } from '../measure/throughput.js';
import { measuredLoop } from './measured-loop.js';
import type { VerifyCommand } from './verify-command.js';

/** A bare `crypto.verify` of what was made ready before: octets, signature and key. */
export async function measureBareVerify({
  alg,
  jwks,
  tokens,
  seconds,
}: Pick<VerifyCommand, 'alg' | 'jwks' | 'tokens' | 'seconds'>): Promise<Throughput> {
  const key = bareKey(alg, jwks);
  const digest = alg === 'Ed25519' ? null : 'sha256';
  const prepared = tokens.map(takeApart);
  return measuredLoop(seconds, () => {
    for (const { octets, signature } of prepared) {
      if (!verify(digest, octets, key, signature)) throw new Error('a good signature did not hold');
    }
    return prepared.length;
  });
}

function bareKey(
  alg: VerifyCommand['alg'],
  { keys }: VerifyCommand['jwks'],
): KeyObject | { key: KeyObject; dsaEncoding: 'ieee-p1363' } {
  const jwk = keys.find((one) => one['alg'] === alg);
  if (jwk === undefined) throw new Error(`no ${alg} key is published`);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key;
}

function takeApart(token: string): { octets: Buffer; signature: Buffer } {
  const dot = token.lastIndexOf('.');
  return {
    octets: Buffer.from(token.slice(0, dot), 'latin1'),
    signature: Buffer.from(token.slice(dot + 1), 'base64url'),
  };
}

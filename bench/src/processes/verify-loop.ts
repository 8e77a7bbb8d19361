/** libs/verify beside a bare `crypto.verify`, in one process and without HTTP. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createLocalVerifier, type LocalVerifier } from '@countersign/verify';
import type { Throughput } from '../measure/throughput.js';
import { measuredLoop } from './measured-loop.js';
import { obey } from './obey.js';
import type { VerifyCommand } from './verify-command.js';

obey((message) => {
  const command = message as VerifyCommand;
  return command.side === 'ours' ? measureOurs(command) : measureBare(command);
});

async function measureOurs(command: VerifyCommand): Promise<Throughput> {
  const { tokens, seconds } = command;
  const verifier = verifierFor(command);
  return measuredLoop(seconds, async () => {
    for (const token of tokens) {
      const outcome = await verifier.verify(token);
      if (!outcome.ok) throw new Error(`a good token was turned away: ${outcome.code}`);
    }
    return tokens.length;
  });
}

/** One for the life of the process, as in a backend: made anew it would read the keys again. */
const verifiers = new Map<string, LocalVerifier>();

function verifierFor({ issuer, audience, jwks }: VerifyCommand): LocalVerifier {
  let verifier = verifiers.get(audience);
  if (verifier === undefined) {
    verifier = createLocalVerifier({
      issuer,
      audience,
      jwksUri: 'https://keys.example/jwks.json',
      fetch: () => Promise.resolve(Response.json(jwks)),
    });
    verifiers.set(audience, verifier);
  }
  return verifier;
}

async function measureBare({ alg, jwks, tokens, seconds }: VerifyCommand): Promise<Throughput> {
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

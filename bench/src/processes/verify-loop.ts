/** libs/verify beside a bare `crypto.verify`, in one process and without HTTP. */
import { createLocalVerifier, type LocalVerifier } from '@countersign/verify';
import type { Throughput } from '../measure/throughput.js';
import { measureBareVerify } from './bare-verify.js';
import { measuredLoop } from './measured-loop.js';
import { obey } from './obey.js';
import type { VerifyCommand } from './verify-command.js';

obey((message) => {
  const command = message as VerifyCommand;
  return command.side === 'ours' ? measureOurs(command) : measureBareVerify(command);
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

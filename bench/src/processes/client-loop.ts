/** libs/client with the feed of revocations, in one process and without HTTP. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createVerifier, type Verifier } from '@countersign/client';
import type { Throughput } from '../measure/throughput.js';
import { measureBareVerify } from './bare-verify.js';
import type { ClientCommand } from './client-command.js';
import { followedService } from './followed-service.js';
import { measuredLoop } from './measured-loop.js';
import { obey } from './obey.js';

obey((message) => {
  const command = message as ClientCommand;
  return command.side === 'bare' ? measureBareVerify(command) : measureOurs(command);
});

async function measureOurs(command: ClientCommand): Promise<Throughput> {
  const { side, tokens, seconds } = command;
  const verifier = await verifierFor(command);
  const uses = tokens.map((token) =>
    side === 'request'
      ? { headers: { authorization: `Bearer ${token}` }, method: 'GET', url: '/orders?page=2' }
      : token,
  );
  const options = side === 'request' ? { scopes: 'read:users' } : {};
  return measuredLoop(seconds, async () => {
    // A server lets its sockets have their turn as well, and with them the feed.
    await nextTurn();
    for (const use of uses) {
      const result = await verifier.verify(use, options);
      if (!result.ok) throw new Error(`a good token was turned away: ${result.code}`);
      if (result.source !== 'local') throw new Error('somebody was asked');
    }
    return uses.length;
  });
}

/** One for the life of the process, as in a backend; where nothing is remembered, another. */
const verifiers = new Map<string, Promise<Verifier>>();

function verifierFor(command: ClientCommand): Promise<Verifier> {
  const isForgetful = command.side === 'unseen';
  const name = `${command.audience} ${isForgetful}`;
  let verifier = verifiers.get(name);
  if (verifier === undefined) {
    verifier = connect(command, isForgetful);
    verifiers.set(name, verifier);
  }
  return verifier;
}

async function connect(
  { issuer, audience, jwks }: ClientCommand,
  isForgetful: boolean,
): Promise<Verifier> {
  const verifier = createVerifier({
    issuer,
    audience,
    credential: 'credential',
    // Each of many tokens by turns drives the one before out.
    ...(isForgetful && { tokenCacheSize: 1 }),
    jwksUri: 'https://keys.example/jwks.json',
    serviceUrl: 'https://service.example',
    allowInsecureHttp: true,
    fetch: followedService(issuer, jwks),
  });
  await verifier.ready();
  return verifier;
}

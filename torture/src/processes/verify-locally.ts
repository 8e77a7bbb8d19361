import { createVerifier, type Verifier, type VerifyResult } from '@countersign/client';
import type { HostCommand, HostReport } from '../cluster/verifier-host.js';

/*
 * Local verifiers, as a backend would have one each; told by messages what to verify.
 */

const CLOCK_TOLERANCE_SECONDS = 0;

let verifiers: Verifier[] = [];

process.on('message', (command: HostCommand) => {
  if ('open' in command) void open(command);
  else if ('say' in command) void say(command);
  else void verify(command);
});
process.on('SIGTERM', () => {
  void Promise.all(verifiers.map((verifier) => verifier.close())).finally(() => process.exit(0));
});

async function open(command: Extract<HostCommand, { open: unknown }>): Promise<void> {
  const { issuer, audience, credential } = command;
  verifiers = command.open.map(({ policy, serviceUrl }) =>
    createVerifier({
      ...{ issuer, audience, credential, serviceUrl },
      staleness: { policy },
      allowInsecureHttp: 'loopback',
      clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    }),
  );
  await Promise.all(verifiers.map((verifier) => verifier.ready()));
  report({ opened: true });
}

async function say(command: Extract<HostCommand, { say: unknown }>): Promise<void> {
  if (command.say === 'ready') await Promise.all(verifiers.map((verifier) => verifier.ready()));
  report(command);
}

async function verify({
  verify: credential,
  verifier,
  id,
}: Extract<HostCommand, { verify: string }>) {
  const result = await verifiers[verifier]?.verify(credential);
  if (result === undefined) throw new Error(`there is no verifier ${verifier}`);
  report({ id, ...verdictOf(result) });
}

function verdictOf(result: VerifyResult) {
  if (result.ok) {
    const { scopes } = result.principal;
    return { outcome: 'accepted', scopes, detail: result.source } as const;
  }
  if (result.status === 503) return { outcome: 'unavailable', detail: result.reason } as const;
  return { outcome: 'refused', detail: result.code } as const;
}

function report(message: HostReport): void {
  process.send?.(message);
}

import type { VerifierHost } from '../cluster/verifier-host.js';
import type { Fault } from './fault.js';

/** The process of the local verifiers stands still. */
export async function pauseVerifiers(verifiers: VerifierHost): Promise<Fault> {
  verifiers.signal('SIGSTOP');
  return {
    affected: { replicas: [], verifiersOf: verifiers.verifiers.map(({ replica }) => replica) },
    async end() {
      verifiers.signal('SIGCONT');
    },
  };
}

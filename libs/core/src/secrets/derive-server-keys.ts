import { hkdfSync } from 'node:crypto';
import type { Secret } from './secret.js';

const KEY_BYTES = 32;

/** What the service derives from its secrets; of each list the first makes, any verifies or opens. */
export interface ServerKeys {
  /** Under which API keys are tagged. */
  readonly tagSecrets: readonly [Buffer, ...Buffer[]];
  /** Under which private signing keys are encrypted at rest. */
  readonly sealingKeys: readonly [Buffer, ...Buffer[]];
  /** Under which nonces for DPoP proofs are made. */
  readonly nonceKeys: readonly [Buffer, ...Buffer[]];
}

/**
 * Derives an independent key for each purpose from each server secret.
 * @see RFC 5869 §3.2 for `info` as domain separation
 */
export function deriveServerKeys(secrets: readonly [Secret, ...Secret[]]): ServerKeys {
  return {
    tagSecrets: deriveEach(secrets, 'countersign api key tag v1'),
    sealingKeys: deriveEach(secrets, 'countersign signing key sealing v1'),
    nonceKeys: deriveEach(secrets, 'countersign dpop nonce v1'),
  };
}

function deriveEach(secrets: readonly [Secret, ...Secret[]], info: string): [Buffer, ...Buffer[]] {
  const derive = (secret: Secret) =>
    Buffer.from(hkdfSync('sha256', secret.reveal(), Buffer.alloc(0), info, KEY_BYTES));
  const [first, ...rest] = secrets;
  return [derive(first), ...rest.map(derive)];
}

import type { SigningKey } from '@countersign/contracts';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import type { SigningKeyPolicy } from '../ports.js';
import { requireUnlimited } from '../reach.js';
import { findSigningKey } from './find-signing-key.js';
import { toSigningKey } from './to-signing-key.js';

/** One signing key. @throws {ProblemException} `not_permitted` or `not_found` */
export async function readSigningKey(
  manager: EntityManager,
  caller: Caller,
  kid: string,
  policy: SigningKeyPolicy,
): Promise<SigningKey> {
  requireUnlimited(caller);
  return toSigningKey(await findSigningKey(manager, kid), policy);
}

import type { KeyAuthentication } from '@countersign/contracts';
import { effectiveScopes } from '@countersign/core';
import type { ApiKeyEntity, PrincipalEntity } from '@countersign/persistence';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { ProblemException } from '../../http/problem.js';
import { requireGrantable } from '../grants.js';
import { grantedScopes } from '../principals/granted-scopes.js';
import { requireUsableAuthentication } from './require-usable-authentication.js';

const HAS_A_SECRET =
  'The key authenticates by its secret. Issue another one to authenticate otherwise.';

/**
 * What shall authenticate a key from now on. Whoever puts in something of its own may use the key
 * then, so the caller must hold what the key may do, as for a new secret.
 * @throws {ProblemException} `wrong_state` for a key with a secret, `grant_exceeds_caller`
 */
export async function changeAuthentication(
  manager: EntityManager,
  caller: Caller,
  { key, principal }: { readonly key: ApiKeyEntity; readonly principal: PrincipalEntity },
  patch: KeyAuthentication | undefined,
): Promise<KeyAuthentication | null> {
  if (patch === undefined) return key.authentication;
  if (key.authentication === null) throw new ProblemException('wrong_state', HAS_A_SECRET);
  requireUsableAuthentication(patch);
  requireGrantable(caller, effectiveScopes(key.scopes, await grantedScopes(manager, principal)));
  return patch;
}

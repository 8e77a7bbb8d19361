import type { ApiKey, ListApiKeys, Page } from '@countersign/contracts';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../../http/caller-authenticator.js';
import { readPrincipal } from '../principals/read-principal.js';
import { findKeys } from './find-keys.js';

/** A page of a principal's keys. @throws {ProblemException} `not_found` */
export async function findKeysOfPrincipal(
  manager: EntityManager,
  caller: Caller,
  principalId: string,
  query: Omit<ListApiKeys, 'principal_id' | 'organization_id'>,
): Promise<Page<ApiKey>> {
  await readPrincipal(manager, caller, principalId);
  return findKeys(manager, caller, { ...query, principal_id: principalId });
}

import type { Actor, Principal } from '@countersign/contracts';

/**
 * Freezes a principal and all that it holds; its metadata has to be frozen already. Written out, since to
 * look for what could be frozen takes longer than to freeze it.
 */
export function freezePrincipal(principal: Principal): Principal {
  const { actor, audience, credential, roles, scopes } = principal;
  Object.freeze(audience);
  Object.freeze(roles);
  Object.freeze(scopes);
  Object.freeze(credential.root);
  Object.freeze(credential);
  for (let each: Actor | null = actor; each !== null; each = each.actor) Object.freeze(each);
  return Object.freeze(principal);
}

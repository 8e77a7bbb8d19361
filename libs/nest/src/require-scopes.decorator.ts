import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Where the decorator leaves its scopes. */
export const REQUIRED_SCOPES = '@countersign/nest scopes';

/**
 * Lets in only who has all of these scopes, compared exactly. On a class it is for all of its routes,
 * whose own scopes are needed besides.
 */
export function RequireScopes(...scopes: [string, ...string[]]): CustomDecorator {
  return SetMetadata(REQUIRED_SCOPES, scopes);
}

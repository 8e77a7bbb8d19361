import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Where the decorator leaves its mark. */
export const IS_PUBLIC = '@countersign/nest public';

/**
 * Lets everybody in, without a look at the credential. On a class it is for all of its routes but those
 * that require scopes; of a route that bears both decorators, the scopes count.
 */
export function Public(): CustomDecorator {
  return SetMetadata(IS_PUBLIC, true);
}

import { isUnknownReservedScope } from '@countersign/contracts';
import { validationFailed } from '../http/problem.js';

/** @throws {ProblemException} `validation_failed` for a `countersign:` scope that does not exist */
export function requireKnownScopes(scopes: readonly string[]): void {
  const errors = scopes.flatMap((scope, index) =>
    isUnknownReservedScope(scope)
      ? [
          {
            field: `scopes.${index}`,
            message: 'is reserved for Countersign, which has no such scope',
          },
        ]
      : [],
  );
  if (errors.length > 0) throw validationFailed(errors);
}

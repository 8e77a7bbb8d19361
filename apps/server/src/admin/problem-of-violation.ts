import { ForeignKeyViolation, MalformedCursor, UniqueViolation } from '@countersign/persistence';
import { ProblemException, validationFailed } from '../http/problem.js';

/** The field that each unique key of the schema speaks of. */
const UNIQUE_FIELDS: Readonly<Record<string, string>> = {
  principals_external_id_key: 'external_id',
  principals_external_id_without_organization_key: 'external_id',
  roles_name_key: 'name',
  resource_servers_audience_key: 'audience',
  trusted_issuers_issuer_key: 'issuer',
};

/** What the caller is told of a violation that the database found; other errors as they are. */
export function problemOfViolation(error: unknown): unknown {
  if (error instanceof UniqueViolation) {
    const field = UNIQUE_FIELDS[error.constraint];
    if (field === undefined) return error;
    return new ProblemException('already_exists', `There is one with this \`${field}\` already.`, {
      cause: error,
      errors: [{ field, message: 'is taken' }],
    });
  }
  if (error instanceof ForeignKeyViolation) {
    return new ProblemException('in_use', 'Something else still refers to it.', { cause: error });
  }
  if (error instanceof MalformedCursor) {
    return validationFailed([
      { field: 'cursor', message: 'must be a `next_cursor` of the same list' },
    ]);
  }
  return error;
}

/** A row with these values exists already. `constraint` names the unique key, as the schema does. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';

  constructor(
    readonly constraint: string,
    options?: ErrorOptions,
  ) {
    super(`violates the unique key ${constraint}`, options);
  }
}

/** A row refers to one that does not exist, or one that is to go is still referred to. */
export class ForeignKeyViolation extends Error {
  override readonly name = 'ForeignKeyViolation';

  constructor(
    readonly constraint: string,
    options?: ErrorOptions,
  ) {
    super(`violates the foreign key ${constraint}`, options);
  }
}

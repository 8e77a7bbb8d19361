/**
 * A JSON object in a `jsonb` column: the same as `Metadata`, and each can stand for the other. Only
 * the array is spelled as an interface, since TypeORM's types recurse into any other for ever.
 */
export type StoredJson = { [member: string]: StoredJsonValue };

type StoredJsonValue = string | number | boolean | null | StoredJson | StoredJsonArray;

interface StoredJsonArray extends Array<StoredJsonValue> {}

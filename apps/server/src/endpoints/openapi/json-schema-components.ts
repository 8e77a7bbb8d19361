import { z } from 'zod';

/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) and the named schemas that it refers to. */
export interface ConvertedSchema {
  readonly schema: JsonObject;
  readonly components: Readonly<Record<string, JsonObject>>;
}

export type JsonObject = Record<string, unknown>;

/**
 * Turns a zod schema into JSON Schema. Schemas with an id become components.
 * @param io whether it describes what clients send or what they get
 */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): ConvertedSchema {
  const {
    $schema: _,
    $defs,
    ...root
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => dropIntegerBounds(jsonSchema),
  });
  const components = Object.entries($defs ?? {}).map(([name, definition]) => {
    const { id: _id, ...rest } = definition as JsonObject;
    return [name, rewriteReferences(rest) as JsonObject] as const;
  });
  return {
    schema: rewriteReferences(root) as JsonObject,
    components: Object.fromEntries(components),
  };
}

/** The components that several schemas make; each has an id. */
export function componentsOf(
  schemas: readonly z.ZodType[],
  io: 'input' | 'output',
): Record<string, JsonObject> {
  const components: Record<string, JsonObject> = {};
  for (const schema of schemas) Object.assign(components, toJsonSchema(schema, io).components);
  return components;
}

/** Every `.int()` is bounded by what a double holds exactly, which tells a reader nothing. */
function dropIntegerBounds(jsonSchema: JsonObject): void {
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
}

function rewriteReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewriteReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === '$ref' && typeof member === 'string'
        ? [key, member.replace('#/$defs/', '#/components/schemas/')]
        : [key, rewriteReferences(member)],
    ),
  );
}

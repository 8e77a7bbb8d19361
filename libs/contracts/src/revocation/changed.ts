import { z } from 'zod';
import { propagation, type Propagation } from './propagation.js';

/** A resource as a change answers it. */
export type Changed<Resource> = Resource & { readonly propagation?: Propagation };

const changedResources = new WeakMap<z.ZodObject, z.ZodObject>();

/**
 * The schema of a resource as a change answers it: with `propagation` where the change took something
 * away, or changed nothing. The same resource has the same schema, named `Changed…` after it.
 */
export function changed(resource: z.ZodObject): z.ZodObject {
  const known = changedResources.get(resource);
  if (known !== undefined) return known;
  const { id } = resource.meta() ?? {};
  if (id === undefined) throw new Error('a resource that changes needs a schema with an id');
  const schema = resource
    .extend({
      propagation: propagation
        .optional()
        .describe('of a change that took something away, or had nothing left to do'),
    })
    .meta({ id: `Changed${id}` });
  changedResources.set(resource, schema);
  return schema;
}

/** What a DELETE answers. */
export const removed = z.strictObject({ propagation }).meta({ id: 'Removed' });

export type Removed = z.infer<typeof removed>;

import { z } from 'zod';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 200;

/** Query parameters that every list takes. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z
    .string()
    .max(128)
    .regex(/^[\w-]+$/, 'must be a `next_cursor` of the same list')
    .optional(),
});

export type PageQuery = z.infer<typeof pageQuery>;

/** A page of `item`s, newest first; `next_cursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item, id: string) {
  return z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() }).meta({ id });
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

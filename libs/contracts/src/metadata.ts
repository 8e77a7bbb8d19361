import { z } from 'zod';

/** Metadata travels in every JWT, so it is bounded: 1 KiB as JSON in UTF-8. */
export const METADATA_MAX_BYTES = 1024;

// Postgres's jsonb refuses NUL, and a lone surrogate does not survive UTF-8.
const UNSTORABLE = /\\u0000|\\ud[89a-f][0-9a-f]{2}/i;

/** The size of `metadata` as it travels: bytes of its JSON in UTF-8. */
export function metadataBytes(metadata: object): number {
  return new TextEncoder().encode(JSON.stringify(metadata)).length;
}

/** Free-form JSON object of a principal or a key; at most 1 KiB as JSON. */
export const metadata = z
  .record(z.string().min(1).max(64), z.json())
  .refine((value) => metadataBytes(value) <= METADATA_MAX_BYTES, {
    error: `must be at most ${METADATA_MAX_BYTES} bytes as JSON`,
  })
  .refine((value) => !UNSTORABLE.test(JSON.stringify(value)), {
    error: 'must not contain NUL or a lone surrogate',
  })
  .meta({ id: 'Metadata' });

export type Metadata = Record<string, z.core.util.JSONType>;

import { z } from 'zod';
import { introspectionResponse } from './introspection.js';

/** Most tokens of one batch. */
export const INTROSPECTION_BATCH_MAX = 100;

/** Body of `POST /v1/introspect/batch`. */
export const introspectionBatchRequest = z
  .strictObject({
    tokens: z.array(z.string().min(1)).min(1).max(INTROSPECTION_BATCH_MAX),
  })
  .meta({ id: 'IntrospectionBatchRequest' });

/** Each token's answer as `POST /introspect` gives it, in the order of the tokens. */
export const introspectionBatchResponse = z
  .strictObject({ results: z.array(introspectionResponse) })
  .meta({ id: 'IntrospectionBatchResponse' });

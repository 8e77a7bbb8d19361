import { z } from 'zod';

/** Most tokens that one token names as what it came of. */
export const DERIVED_FROM_MAX = 16;

/** Ids of what a token came of: it is revoked with each of them. */
export const derivedFrom = z.array(z.string().min(1).max(320)).min(1).max(DERIVED_FROM_MAX);

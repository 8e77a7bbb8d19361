import type { RevocationLog } from '@countersign/core';

/** What the endpoints need of the log of revocations. */
export type RevocationFeed = Pick<RevocationLog, 'position' | 'entriesAfter' | 'subscribe'>;

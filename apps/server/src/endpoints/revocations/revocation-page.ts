import type { ListRevocations, RevocationPage } from '@countersign/contracts';
import type { RevocationFeed } from './revocation-feed.js';
import { toRevocationEntry } from './to-revocation-entry.js';

/** Which entries concern whoever asks. */
export interface FeedReader {
  readonly audience: string | undefined;
  /** Undefined: of every organization. */
  readonly organizationId: string | undefined;
}

/**
 * A part of the feed as `GET /revocations` answers it.
 * @param reset whether the cursor lies ahead of the feed: what is answered is a snapshot then
 * @param ageMs milliseconds since which nothing that was committed is missing
 */
export function revocationPageOf(
  feed: RevocationFeed,
  issuer: string,
  { cursor, limit }: Pick<ListRevocations, 'cursor' | 'limit'>,
  reader: FeedReader,
  reset: boolean,
  ageMs: number,
): RevocationPage {
  const after = reset ? 0 : Number(cursor ?? 0);
  const part = feed.entriesAfter(after, { ...reader, limit });
  return {
    issuer,
    organization: reader.organizationId ?? null,
    entries: part.revocations.map(toRevocationEntry),
    next_cursor: String(part.position),
    more: part.more,
    reset,
    age_ms: Math.ceil(ageMs),
  };
}

import { momentOf } from '../moment.js';
import { ServiceFailure } from '../service/service-failure.js';
import type { Freshness } from './freshness.js';
import { loadPage } from './load-page.js';
import type { RevocationFeedParts } from './revocation-feed-parts.js';

const PAGE_TIMEOUT_MS = 10_000;

export interface SnapshotParts extends RevocationFeedParts {
  readonly freshness: Freshness;
  readonly signal: AbortSignal;
}

/** What was loaded: the position from which the stream goes on, and of which organization it tells. */
export interface Snapshot {
  readonly position: number;
  readonly organization: string | null;
}

/**
 * Loads all entries that are in force, page by page, into the sink.
 * @throws {ServiceFailure}
 */
export async function loadSnapshot(parts: SnapshotParts): Promise<Snapshot> {
  const { clock, freshness, sink } = parts;
  const startedMs = clock.monotonicMs();
  let cursor: string | undefined;
  let organization: string | null | undefined;
  let entries = 0;
  for (;;) {
    // From before the request: what is committed during it may or may not be in the answer.
    const sentAt = momentOf(clock);
    const page = await loadPage(parts, cursor, PAGE_TIMEOUT_MS);
    // With another credential than the page before: then not even together they are a snapshot.
    if (organization !== undefined && page.organization !== organization) {
      throw new ServiceFailure('malformed', 'the pages of the feed are of different organizations');
    }
    organization = page.organization;
    if (page.reset) {
      sink.reset();
      entries = 0;
    }
    sink.apply(page.entries);
    entries += page.entries.length;
    cursor = page.next_cursor;
    if (page.more) continue;
    sink.coverIs(organization);
    freshness.pageAnswered(sentAt, page.age_ms);
    const durationMs = clock.monotonicMs() - startedMs;
    parts.onEvent({ type: 'loaded', entries, durationMs });
    return { position: Number(cursor), organization };
  }
}

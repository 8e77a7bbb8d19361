import { REVOCATION_PAGE_MAX } from '@countersign/contracts';
import { momentOf } from '../moment.js';
import { ServiceFailure } from '../service/service-failure.js';
import { readablePage } from './feed-messages.js';
import type { Freshness } from './freshness.js';
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
  const { clock, freshness, issuer, sink } = parts;
  const startedMs = clock.monotonicMs();
  let cursor: string | undefined;
  let organization: string | null | undefined;
  let entries = 0;
  for (;;) {
    // From before the request: what is committed during it may or may not be in the answer.
    const sentAt = momentOf(clock);
    const page = await loadPage(parts, cursor);
    if (page.issuer !== issuer) {
      throw new ServiceFailure('malformed', 'the feed is that of another issuer');
    }
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

async function loadPage({ service, audience, signal }: SnapshotParts, cursor: string | undefined) {
  const query = new URLSearchParams({ limit: String(REVOCATION_PAGE_MAX) });
  if (cursor !== undefined) query.set('cursor', cursor);
  if (audience !== undefined) query.set('audience', audience);
  const response = await service.send(`/revocations?${query.toString()}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]),
  });
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    throw new ServiceFailure('network', 'a page of the feed ended early', { cause });
  }
  const page = readablePage.safeParse(body);
  if (!page.success) throw new ServiceFailure('malformed', 'a page of the feed cannot be read');
  return page.data;
}

import { momentOf } from '../moment.js';
import { loadPage } from './load-page.js';
import type { Snapshot, SnapshotParts } from './load-snapshot.js';

/** As long as a stream may take to greet: another replica may answer sooner. */
const PAGE_TIMEOUT_MS = 3000;

/** What was known is so no more. */
export interface Voided {
  readonly voided: string;
}

/**
 * Loads what came after what is known, ahead of the stream. What takes time at the first request, a
 * connection, a TLS handshake, the check of a credential that the replica has never seen, is over then:
 * what heartbeats tell counts from when the stream was asked for, so that it has to open quickly.
 * @throws {ServiceFailure}
 */
export async function catchUp(parts: SnapshotParts, known: Snapshot): Promise<Snapshot | Voided> {
  const { clock, freshness, sink } = parts;
  let { position } = known;
  for (;;) {
    // From before the request: what is committed during it may or may not be in the answer.
    const sentAt = momentOf(clock);
    const page = await loadPage(parts, String(position), PAGE_TIMEOUT_MS);
    if (page.reset) return { voided: 'the feed was reset' };
    if (page.organization !== known.organization) {
      return { voided: 'the feed is that of another organization' };
    }
    sink.apply(page.entries);
    // A replica that is behind the one before must not lead back to what is known already.
    position = Math.max(position, Number(page.next_cursor));
    if (page.more) continue;
    freshness.pageAnswered(sentAt, page.age_ms);
    return { position, organization: known.organization };
  }
}

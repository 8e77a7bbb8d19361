import { REVOCATION_PAGE_MAX, type RevocationPage } from '@countersign/contracts';
import { ServiceFailure } from '../service/service-failure.js';
import { withinTime } from '../service/within-time.js';
import { readablePage } from './feed-messages.js';
import type { RevocationFeedParts } from './revocation-feed-parts.js';

export interface PageParts extends Pick<RevocationFeedParts, 'audience' | 'issuer' | 'service'> {
  readonly signal: AbortSignal;
}

/**
 * One page of the feed.
 * @param cursor undefined: the first of all that is in force
 * @throws {ServiceFailure}
 */
export async function loadPage(
  parts: PageParts,
  cursor: string | undefined,
  timeoutMs: number,
): Promise<RevocationPage> {
  const body = await requestPage(parts, cursor, timeoutMs);
  const page = readablePage.safeParse(body);
  if (!page.success) throw new ServiceFailure('malformed', 'a page of the feed cannot be read');
  if (page.data.issuer === parts.issuer) return page.data;
  throw new ServiceFailure('malformed', 'the feed is that of another issuer');
}

async function requestPage(
  { audience, service, signal }: PageParts,
  cursor: string | undefined,
  timeoutMs: number,
): Promise<unknown> {
  const query = new URLSearchParams({ limit: String(REVOCATION_PAGE_MAX) });
  if (cursor !== undefined) query.set('cursor', cursor);
  if (audience !== undefined) query.set('audience', audience);
  try {
    return await withinTime(signal, timeoutMs, async (ends) => {
      const response = await service.send(`/revocations?${query.toString()}`, { signal: ends });
      return response.json();
    });
  } catch (cause) {
    if (cause instanceof ServiceFailure) throw cause;
    throw new ServiceFailure('network', 'a page of the feed took too long, or ended early', {
      cause,
    });
  }
}

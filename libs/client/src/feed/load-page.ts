import { REVOCATION_PAGE_MAX, type RevocationPage } from '@countersign/contracts';
import { ServiceFailure } from '../service/service-failure.js';
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
  { audience, issuer, service, signal }: PageParts,
  cursor: string | undefined,
  timeoutMs: number,
): Promise<RevocationPage> {
  const query = new URLSearchParams({ limit: String(REVOCATION_PAGE_MAX) });
  if (cursor !== undefined) query.set('cursor', cursor);
  if (audience !== undefined) query.set('audience', audience);
  const response = await service.send(`/revocations?${query.toString()}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    throw new ServiceFailure('network', 'a page of the feed ended early', { cause });
  }
  const page = readablePage.safeParse(body);
  if (!page.success) throw new ServiceFailure('malformed', 'a page of the feed cannot be read');
  if (page.data.issuer === issuer) return page.data;
  throw new ServiceFailure('malformed', 'the feed is that of another issuer');
}

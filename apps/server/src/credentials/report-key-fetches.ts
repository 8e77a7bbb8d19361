import type { Fetch } from '@countersign/verify';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';

/**
 * Counts what is fetched from trusted issuers, and tells the operator what could not be had. There is
 * at most one try a second for each issuer, and so at most one line for its metadata and one for its set.
 */
export function reportKeyFetches(
  fetch: Fetch,
  { trustedIssuerFetches }: Pick<Metrics, 'trustedIssuerFetches'>,
  logger: Pick<Logger, 'warn'>,
): Fetch {
  const failed = (url: string, fields: object) => {
    trustedIssuerFetches.increment('failed');
    const { host } = new URL(url);
    logger.warn({ event: 'trusted_issuer_unavailable', host, ...fields }, 'keys not fetched');
  };
  return async (url, init) => {
    try {
      const response = await fetch(url, init);
      if (response.status === 200) trustedIssuerFetches.increment('answered');
      else failed(url, { status: response.status });
      return response;
    } catch (error) {
      failed(url, { error });
      throw error;
    }
  };
}

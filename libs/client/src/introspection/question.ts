import type { RequestContext } from '@countersign/verify';

/** A credential about which the service is asked, and what it is used for. */
export interface Question extends RequestContext {
  readonly credential: string;
  readonly certificateThumbprint?: string | undefined;
}

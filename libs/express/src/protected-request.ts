import type { IncomingMessage } from 'node:http';
import type { Principal } from '@countersign/client';

declare global {
  namespace Express {
    interface Request {
      /** Who calls, once a protecting middleware has let the request pass. */
      principal?: Principal;
    }
  }
}

/** A request as Express hands it on: Node's, with what Express has found out about it. */
export interface ProtectedRequest extends IncomingMessage {
  /** By Express's setting `trust proxy`. */
  readonly ip?: string | undefined;
  readonly originalUrl?: string | undefined;
  principal?: Principal;
}

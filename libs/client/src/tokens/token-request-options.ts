import type { SubjectTokenType } from '@countersign/contracts';
import type { AllowInsecureHttp, Fetch } from '@countersign/verify';
import type { Clock } from '../clock.js';
import type { CredentialSource } from '../credential-source.js';
import type { ClientTracer } from '../tracer.js';

/** A token that another one is asked for. @see RFC 8693 §2.1 */
export interface ExchangedToken {
  readonly token: CredentialSource;
  /** Default: an access token. */
  readonly type?: SubjectTokenType | undefined;
}

export interface TokenRequestOptions {
  readonly issuer: string;
  /** Where the service is reached. Default: the issuer. */
  readonly serviceUrl?: string | undefined;
  /** The API key that asks. */
  readonly credential: CredentialSource;
  /** Whom the token is for. Default: what the service chooses. */
  readonly audience?: string | readonly string[] | undefined;
  /** Narrows. Default: all that is granted. */
  readonly scope?: string | readonly string[] | undefined;
  /** Whose token is exchanged (RFC 8693). Default: the API key's own rights (RFC 6749 §4.4). */
  readonly subject?: ExchangedToken | undefined;
  /** Who will act for the subject. @see RFC 8693 §4.1 */
  readonly actor?: ExchangedToken | undefined;
  /** Time limit of one attempt, milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined;
  readonly allowInsecureHttp?: AllowInsecureHttp | undefined;
  readonly fetch?: Fetch | undefined;
  readonly clock?: Partial<Clock> | undefined;
  readonly tracer?: ClientTracer | undefined;
}

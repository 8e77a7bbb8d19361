import type { ProtectedResourceMetadata, SigningAlgorithm, TokenTyp } from '@countersign/contracts';
import type { RefreshTokenPolicy } from './refresh-token-policy.js';

/** What a resource server asks of the tokens that are issued for it. */
export interface ResourceServerPolicy {
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly accessTokenTtlSeconds: number;
  readonly signingAlg: SigningAlgorithm;
  readonly tokenTyp: TokenTyp;
  /** null: no refresh tokens are issued for it. */
  readonly refreshTokens: RefreshTokenPolicy | null;
  /** Whether its tokens get a place in a status list. Default: no. */
  readonly tokenStatusList?: boolean;
  /** What is published about it, in the words of RFC 9728 §2; undefined: nothing is. */
  readonly protectedResourceMetadata?:
    | (ProtectedResourceMetadata & { readonly resource_name: string })
    | undefined;
}

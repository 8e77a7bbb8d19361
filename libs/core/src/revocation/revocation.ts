import type { RevocationType } from '@countersign/contracts';

/**
 * One entry of the log of revocations. What is of type `jti` or `kid` hits every token that bears the
 * id; any other only one whose claim `pos` is absent or below `position`. Immutable.
 */
export interface Revocation {
  /** Of its entry in the change feed. */
  readonly position: number;
  readonly type: RevocationType;
  /** As a token has it: a role by its name, an audience by its URI. */
  readonly id: string;
  /** Whether what it hits is dead for good; false: it may do less, and only we can tell what. */
  readonly final: boolean;
  /** NumericDate from which it holds; null: at once. */
  readonly effectiveAt: number | null;
  /** NumericDate after which nothing that it could hit is alive. */
  readonly expiresAt: number;
  /** Audiences of the tokens that it may hit; null: any. */
  readonly audiences: readonly string[] | null;
  /** Whose affair it is; null: that of every organization. */
  readonly organizationId: string | null;
}

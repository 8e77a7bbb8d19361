import type { RevocationType } from '@countersign/contracts';

/** What a change takes away, as the log of revocations has it. */
export interface RevokedByChange {
  readonly type: RevocationType;
  /** As a token has it: a role by its name, an audience by its URI, a version by `key_….<version>`. */
  readonly id: string;
  /** Whether what it hits is dead for good; false: it may do less, and only we can tell what. */
  readonly final: boolean;
  /** From when it holds. Default: at once. */
  readonly effectiveAt?: Date | undefined;
  /** The audiences of the tokens that it may hit. Default: any. */
  readonly audiences?: readonly string[] | undefined;
  /** Whose affair it is; null: that of every organization. */
  readonly organizationId: string | null;
}

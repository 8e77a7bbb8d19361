import type { SigningAlgorithm } from '@countersign/contracts';

/** What the process of verify-loop.ts is told to do. */
export interface VerifyCommand {
  readonly side: 'reference' | 'ours';
  readonly alg: SigningAlgorithm;
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly keys: readonly Readonly<Record<string, string>>[] };
  /** Tokens of the service, signed by `alg`. */
  readonly tokens: readonly string[];
  readonly seconds: number;
}

import type { SigningAlgorithm, SigningKeyStatus } from '@countersign/contracts';

/** A signing key as it is stored. The private part is sealed; `null` once the key is removed. */
export interface SigningKeyRecord {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly status: SigningKeyStatus;
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly sealedPrivateJwk: string | null;
}

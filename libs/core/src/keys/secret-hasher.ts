import argon2 from 'argon2';

/** @see RFC 9106 §3.1 */
export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** Hashes secrets with argon2id and verifies them against PHC strings; runs in libuv's thread pool. */
export class SecretHasher {
  constructor(private readonly parameters: Argon2Parameters) {}

  hash(secret: string): Promise<string> {
    return argon2.hash(secret, { type: argon2.argon2id, ...this.costs() });
  }

  verify(secretHash: string, secret: string): Promise<boolean> {
    return argon2.verify(secretHash, secret);
  }

  /** Whether `secretHash` was made with other parameters than those configured now. */
  isOutdated(secretHash: string): boolean {
    return argon2.needsRehash(secretHash, this.costs());
  }

  private costs() {
    const { memoryKib, timeCost, parallelism } = this.parameters;
    return { memoryCost: memoryKib, timeCost, parallelism };
  }
}

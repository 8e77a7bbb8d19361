import { SecretHasher } from '../src/keys/secret-hasher.js';

/** Real argon2, whose next verification waits until the test lets it go. */
export class HeldHasher extends SecretHasher {
  #gate: Promise<void> | undefined;
  #onStart: () => void = () => {};

  /** Holds verifications back; resolves when the first has begun, with what lets all of them go. */
  hold(): Promise<() => void> {
    return new Promise((started) => {
      this.#gate = new Promise((release) => {
        this.#onStart = () => started(release);
      });
    });
  }

  override async verify(secretHash: string, secret: string): Promise<boolean> {
    this.#onStart();
    await this.#gate;
    return super.verify(secretHash, secret);
  }
}

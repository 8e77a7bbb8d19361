/** The first thing that goes wrong in callbacks, to be raced against what waits meanwhile. */
export class Failure {
  readonly #promise: Promise<never>;
  #reject: (error: Error) => void = () => undefined;

  constructor() {
    this.#promise = new Promise((_, reject) => (this.#reject = reject));
    this.#promise.catch(() => undefined);
  }

  readonly report = (error: Error): void => this.#reject(error);

  /** As `work`, unless something goes wrong first. */
  async orThrow<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#promise]);
  }
}

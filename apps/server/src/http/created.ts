export interface CreatedOptions<Body extends object> {
  /** What a later replay answers with, where that is not `body`: without an API key. */
  readonly kept?: Body;
  /** Whether an earlier request with the same Idempotency-Key created it. */
  readonly replayed?: boolean;
}

/** The answer to a creating POST: its body and the path of what was created. */
export class Created<Body extends object> {
  readonly kept: Body;
  readonly replayed: boolean;

  /** @param location path of the new resource, such as `/v1/keys/key_…` */
  constructor(
    readonly location: string,
    readonly body: Body,
    options: CreatedOptions<Body> = {},
  ) {
    this.kept = options.kept ?? body;
    this.replayed = options.replayed ?? false;
  }
}

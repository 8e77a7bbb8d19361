import { AsyncLocalStorage } from 'node:async_hooks';
import type { Verifier, VerifiableRequest, VerifyOptions, VerifyResult } from '@countersign/client';

/** One request on its way through the guard: verified once, whichever strategy gets to it. */
export class Authentication {
  #result: Promise<VerifyResult> | undefined;

  constructor(
    private readonly verifier: Verifier,
    private readonly request: VerifiableRequest,
    private readonly options: VerifyOptions,
  ) {}

  /** By the whole request, so that two credentials in it are seen by each strategy. */
  result(): Promise<VerifyResult> {
    this.#result ??= this.verifier.verify(this.request, this.options);
    return this.#result;
  }
}

/** What passport's strategies work with: they are given a credential, but no request. */
export const authentication = new AsyncLocalStorage<Authentication>();

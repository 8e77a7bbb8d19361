import { Authenticator, type Outcome, type VerifiedCredential } from '@countersign/core';
import type { RequestContext } from '@countersign/verify';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { HotSeries } from '../../observability/hot-counter.js';
import { Metrics } from '../../observability/metrics.js';
import { canSee } from './can-see.js';
import { INACTIVE_BODY, renderIntrospection } from './render-introspection.js';

/** The scope that introspection needs, and the one that sees every audience's credentials. */
export const INTROSPECT_SCOPE = 'countersign:introspect';
export const INTROSPECT_ANY_SCOPE = 'countersign:introspect:any';

/** Authenticates a token for a caller that may introspect, and puts the answer into words. */
@Injectable()
export class Introspector {
  readonly #active: HotSeries;
  readonly #inactive: HotSeries;

  constructor(
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
    { introspections }: Metrics,
  ) {
    this.#active = introspections.series('true');
    this.#inactive = introspections.series('false');
  }

  /**
   * The JSON of the answer, in ASCII. Synchronous when memory suffices.
   * @param request where and for what the token is used, as far as the caller says
   * @param certificateThumbprint of the certificate that came with it, as far as the caller says
   * @throws {DependencyUnavailable}
   * @see RFC 7662 §2.2
   */
  introspect(
    caller: VerifiedCredential,
    token: string,
    request: RequestContext | undefined,
    nowMs: number,
    certificateThumbprint?: string,
  ): string | Promise<string> {
    const outcome = this.authenticator.authenticate(token, {
      nowMs,
      audience: undefined,
      request,
      purpose: 'use',
      // RFC 9449 §6.2: the resource server is told the key, and asks for the proof.
      binding: 'unchecked',
      certificateThumbprint,
      isPresentedElsewhere: true,
    });
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#render(caller, settled))
      : this.#render(caller, outcome);
  }

  #render(caller: VerifiedCredential, outcome: Outcome): string {
    const active = outcome.ok && canSee(caller, outcome, this.config.issuer);
    (active ? this.#active : this.#inactive).increment();
    return active ? renderIntrospection(outcome) : INACTIVE_BODY;
  }
}

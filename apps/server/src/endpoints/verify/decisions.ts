import type {
  DecisionCode,
  DecisionFailure,
  EndClientContext,
  PrincipalType,
  ScopeExpression,
} from '@countersign/contracts';
import {
  Authenticator,
  BindingVerifier,
  type DecisionContext,
  type Examination,
  type RequestBinding,
  UNBOUND,
  type VerifiedCredential,
} from '@countersign/core';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { HotSeries } from '../../observability/hot-counter.js';
import { Metrics } from '../../observability/metrics.js';
import { canSee } from '../introspect/can-see.js';
import { INVALID_CREDENTIAL, toldFailure } from './told-failure.js';

/** May this credential be used for this? */
export interface DecisionQuestion {
  readonly credential: string;
  /** Whom the credential has to stand for; undefined: whomever it stands for. */
  readonly principal?: { readonly type: PrincipalType; readonly id: string } | undefined;
  readonly audience: string | undefined;
  readonly requiredScopes: ScopeExpression | undefined;
  /** The request of the end client, as far as it is known. */
  readonly request: EndClientContext | undefined;
  /** Of the end client's certificate, as far as it is known. */
  readonly certificateThumbprint?: string | undefined;
  readonly cost: number;
  readonly dryRun: boolean;
}

/** The answer, and nothing in it that the caller may not know, but for `examination`. */
export interface Decision {
  /** `ok`, or the gravest of the failures. */
  readonly code: DecisionCode;
  readonly failures: readonly DecisionFailure[];
  /** The credential, when it is valid in itself and the caller may see it. */
  readonly credential: VerifiedCredential | undefined;
  /** For the end client's next proof, where the one that came needs another. */
  readonly dpopNonce?: string | undefined;
  /** What was found: for explanations to whom may have them. */
  readonly examination: Examination;
}

/** Under the scheme `DPoP`, and without a key that was proven to be held. */
const UNPROVEN: RequestBinding = { ...UNBOUND, scheme: 'DPoP' };
/** A proof is good once. */
const REPLAYED = {
  code: 'binding_unproven',
  failures: [{ check: 'binding', code: 'binding_unproven', detail: 'The proof was used before.' }],
} as const;
const NO_FAILURES: readonly DecisionFailure[] = [];
const INVALID: readonly DecisionFailure[] = [INVALID_CREDENTIAL];

/** Decides about uses of credentials, for callers that may introspect them. */
@Injectable()
export class Decisions {
  readonly #allowed: HotSeries;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly bindings: BindingVerifier,
    @Inject(CONFIG) private readonly config: Pick<Config, 'issuer'>,
    private readonly metrics: Metrics,
  ) {
    this.#allowed = metrics.decisions.series('ok');
  }

  /**
   * Synchronous when memory suffices.
   * @param proofs shared with decisions about the same request; absent: there are none
   * @throws {DependencyUnavailable}
   */
  decide(
    caller: VerifiedCredential,
    question: DecisionQuestion,
    nowMs: number,
    proofs: Pick<BindingVerifier, 'ofResourceRequest'> = this.bindings,
  ): Decision | Promise<Decision> {
    const { credential } = question;
    const context: DecisionContext = {
      nowMs,
      audience: question.audience,
      request: question.request,
      purpose: 'use',
      binding: undefined,
      certificateThumbprint: question.certificateThumbprint,
      isPresentedElsewhere: true,
      requiredScopes: question.requiredScopes,
      cost: question.cost,
      dryRun: question.dryRun,
    };
    const proof = question.request?.dpop_proof;
    if (proof !== undefined) {
      return this.#decideBound(caller, question, context, proof, proofs);
    }
    const examination = this.authenticator.examine(credential, context);
    return examination instanceof Promise
      ? examination.then((settled) => this.#conclude(caller, question, settled))
      : this.#conclude(caller, question, examination);
  }

  /** A token that is bound to a key, with the proof that came with it. @see RFC 9449 §7.1 */
  async #decideBound(
    caller: VerifiedCredential,
    question: DecisionQuestion,
    context: DecisionContext,
    proof: string,
    proofs: Pick<BindingVerifier, 'ofResourceRequest'>,
  ): Promise<Decision> {
    const { credential, dryRun, request: { method = '', url = '' } = {} } = question;
    const proven = { scheme: 'DPoP', proof, method, url, accessToken: credential } as const;
    const binding = await proofs.ofResourceRequest(proven, context.nowMs);
    const examination = await this.authenticator.examine(credential, {
      ...context,
      binding: binding.ok ? binding : UNPROVEN,
    });
    const decision = this.#conclude(caller, question, examination);
    if (!binding.ok) return { ...decision, dpopNonce: binding.nonce };
    const { nextNonce: dpopNonce } = binding;
    // Used up only by a use, and only by one that is allowed.
    if (decision.code !== 'ok' || dryRun || binding.spend()) return { ...decision, dpopNonce };
    const { nonce } = this.bindings.refuseReplay(context.nowMs);
    return { ...decision, ...REPLAYED, dpopNonce: nonce };
  }

  #conclude(
    caller: VerifiedCredential,
    { principal }: DecisionQuestion,
    examination: Examination,
  ): Decision {
    const { verified, failures } = examination;
    if (!verified.ok || !canSee(caller, verified, this.config.issuer)) {
      return this.#invalid(examination);
    }
    if (principal !== undefined && !standsFor(verified, principal)) {
      return this.#invalid(examination);
    }
    if (failures.length === 0) {
      this.#allowed.increment();
      return { code: 'ok', failures: NO_FAILURES, credential: verified, examination };
    }
    const told = failures.map(({ check }) => toldFailure(check.name));
    const [gravest] = told;
    if (gravest === undefined || !told.every((failure) => failure !== undefined)) {
      return this.#invalid(examination);
    }
    this.metrics.decisions.increment(gravest.code);
    return { code: gravest.code, failures: told, credential: verified, examination };
  }

  #invalid(examination: Examination): Decision {
    const { code } = INVALID_CREDENTIAL;
    this.metrics.decisions.increment(code);
    return { code, failures: INVALID, credential: undefined, examination };
  }
}

function standsFor(
  { principal }: VerifiedCredential,
  expected: NonNullable<DecisionQuestion['principal']>,
): boolean {
  return principal.type === expected.type && principal.subject === expected.id;
}

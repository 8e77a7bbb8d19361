import type { DecisionCode, RejectionCode, SigningAlgorithm } from '@countersign/contracts';
import type { Argon2Outcome, BindingRefusal, Dependency, RejectedKind } from '@countersign/core';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { StreamEnd } from '../endpoints/revocations/revocation-stream.js';
import { CacheGauge } from './cache-gauge.js';
import { HotCounter } from './hot-counter.js';
import { SampledGauge } from './sampled-gauge.js';

export type ForwardAuthAnswer = 'allowed' | 'anonymous' | 'unauthenticated' | 'insufficient_scope';
export type IssuingGrant = 'client_credentials' | 'token_exchange' | 'refresh_token';

/**
 * The figures of one process. None has a label that names a tenant, a key or a path: whoever may
 * scrape learns how much happens, and not to whom.
 */
export class Metrics {
  readonly #registry = new Registry();

  readonly credentialRejections = new HotCounter<[kind: RejectedKind, code: RejectionCode]>(
    this.#registry,
    'countersign_credential_rejections_total',
    'Credentials turned away, by what they looked like and why.',
    ['kind', 'code'],
  );

  readonly dpopRefusals = new HotCounter<[code: BindingRefusal['code']]>(
    this.#registry,
    'countersign_dpop_refusals_total',
    'DPoP proofs refused: invalid, or in want of a nonce.',
    ['code'],
  );

  readonly introspections = new HotCounter<[active: 'true' | 'false']>(
    this.#registry,
    'countersign_introspections_total',
    'Answers of the introspection endpoint.',
    ['active'],
  );

  readonly decisions = new HotCounter<[code: DecisionCode]>(
    this.#registry,
    'countersign_decisions_total',
    'Answers of the decision API and of AuthZEN, by their code; `ok` is allowed.',
    ['code'],
  );

  readonly forwardAuths = new HotCounter<[answer: ForwardAuthAnswer]>(
    this.#registry,
    'countersign_forward_auths_total',
    'Answers to gateways about requests of end clients.',
    ['answer'],
  );

  readonly tokensIssued = new HotCounter<[grant: IssuingGrant, alg: SigningAlgorithm]>(
    this.#registry,
    'countersign_tokens_issued_total',
    'Access tokens issued, by grant and signature algorithm.',
    ['grant', 'alg'],
  );

  readonly argon2Runs = new HotCounter<[outcome: Argon2Outcome]>(
    this.#registry,
    'countersign_argon2_runs_total',
    'argon2 runs by outcome; `refused` were turned away because the queue was too long.',
    ['outcome'],
  );

  readonly keyStateReads = new HotCounter(
    this.#registry,
    'countersign_key_state_reads_total',
    'Reads of the state of an API key from the database.',
    [],
  );

  readonly trustedIssuerFetches = new HotCounter<[outcome: 'answered' | 'failed']>(
    this.#registry,
    'countersign_trusted_issuer_fetches_total',
    'Documents asked of trusted issuers: metadata and key sets.',
    ['outcome'],
  );

  readonly unansweredRequests = new HotCounter<[dependency: Dependency]>(
    this.#registry,
    'countersign_unanswered_requests_total',
    'Requests of the data plane answered 503, by what was missing.',
    ['dependency'],
  );

  readonly revocationStreamEnds = new HotCounter<[reason: StreamEnd]>(
    this.#registry,
    'countersign_revocation_stream_ends_total',
    'Streams of revocations that ended, by why.',
    ['reason'],
  );

  readonly revocationStreams = new SampledGauge(
    this.#registry,
    'countersign_revocation_streams',
    'Streams of revocations that are open.',
  );

  readonly argon2QueueLength = new SampledGauge(
    this.#registry,
    'countersign_argon2_queue_length',
    'Runs that wait for argon2.',
  );

  readonly changeFeedPosition = new SampledGauge(
    this.#registry,
    'countersign_change_feed_position',
    'Position of the last change that this process has applied.',
  );

  readonly changeFeedAgeSeconds = new SampledGauge(
    this.#registry,
    'countersign_change_feed_age_seconds',
    'Time since this process last knew that it had applied every change.',
  );

  readonly leaseAgeSeconds = new SampledGauge(
    this.#registry,
    'countersign_lease_age_seconds',
    'Time since the moment from which the lease counts; memory answers while it is below the lease.',
  );

  readonly leaseLapses = new HotCounter(
    this.#registry,
    'countersign_lease_lapses_total',
    'How often the lease of this process was over before it was renewed.',
    [],
  );

  readonly replicas = new SampledGauge(
    this.#registry,
    'countersign_replicas',
    'Replicas that are registered, as this process saw last.',
  );

  readonly replicasCleared = new HotCounter(
    this.#registry,
    'countersign_replicas_cleared_total',
    'Replicas that this process found with a lease that is over, and took off the list.',
    [],
  );

  readonly cacheEntries = new CacheGauge(this.#registry);

  /** Not on the hot path: one for each revocation. */
  readonly propagationSeconds = new Histogram({
    name: 'countersign_propagation_seconds',
    help: 'Time from the commit of a revocation until all replicas had it, or it was given up to wait.',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.#registry],
  });

  readonly requestDurationSeconds = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time from request to answer on the control plane, by route template.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    // From the first scrape on, so that a rate can see the first increment.
    this.introspections.series('true');
    this.introspections.series('false');
    this.keyStateReads.series();
    this.leaseLapses.series();
    this.replicasCleared.series();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures in Prometheus's text format. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }
}

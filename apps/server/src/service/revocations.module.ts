import { MemoryFreshness, RevocationSigner } from '@countersign/core';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { CredentialCore } from '../credentials/create-credential-core.js';
import { DrainState } from '../endpoints/health/drain-state.js';
import { RevocationStreams } from '../endpoints/revocations/revocation-streams.js';
import { RevocationsController } from '../endpoints/revocations/revocations.controller.js';
import { HeldCallers } from '../http/held-callers.js';
import { Metrics } from '../observability/metrics.js';
import { CREDENTIAL_CORE } from './credentials.module.js';

/** The revocation feed over HTTP. */
@Module({
  controllers: [RevocationsController],
  providers: [
    HeldCallers,
    {
      provide: MemoryFreshness,
      inject: [CREDENTIAL_CORE],
      useFactory: ({ freshness }: CredentialCore) => freshness,
    },
    {
      provide: RevocationSigner,
      inject: [CREDENTIAL_CORE],
      useFactory: ({ keyring }: CredentialCore) => new RevocationSigner(keyring),
    },
    {
      provide: RevocationStreams,
      inject: [CREDENTIAL_CORE, CONFIG, Metrics, DrainState],
      useFactory: createStreams,
    },
  ],
})
export class RevocationsModule implements OnModuleDestroy {
  constructor(@Inject(RevocationStreams) private readonly streams: RevocationStreams) {}

  onModuleDestroy(): void {
    this.streams.close();
  }
}

function createStreams(
  { revocations, follower }: CredentialCore,
  { issuer, revocationStreams }: Config,
  metrics: Metrics,
  drainState: DrainState,
): RevocationStreams {
  const streams = new RevocationStreams({
    feed: revocations,
    followed: follower,
    issuer,
    heartbeatMs: revocationStreams.heartbeatMs,
    onEnd: (reason) => metrics.revocationStreamEnds.increment(reason),
  });
  metrics.revocationStreams.readFrom(() => streams.size);
  // A stream has no end of its own that the shutdown could wait for.
  drainState.onBegin(() => streams.close());
  return streams;
}

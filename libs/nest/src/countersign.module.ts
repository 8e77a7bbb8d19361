import { createVerifier, type Verifier } from '@countersign/client';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { BearerStrategy } from './bearer.strategy.js';
import { CountersignGuard } from './countersign.guard.js';
import type { CountersignOptions } from './countersign-options.js';
import { ConfigurableModuleClass } from './module-definition.js';
import { COUNTERSIGN_OPTIONS } from './options.token.js';
import { COUNTERSIGN_VERIFIER } from './verifier.token.js';

/**
 * Nest's module: `CountersignModule.forRoot({ issuer, audience, credential })`, or `forRootAsync` with a
 * factory. From then on no route is open that does not say so by `@Public()`. A verifier that it made
 * itself is closed when the application is.
 */
@Module({
  providers: [
    {
      provide: COUNTERSIGN_VERIFIER,
      inject: [COUNTERSIGN_OPTIONS],
      useFactory: (options: CountersignOptions): Verifier =>
        'verifier' in options ? options.verifier : createVerifier(options),
    },
    ApiKeyStrategy,
    BearerStrategy,
    CountersignGuard,
  ],
  exports: [COUNTERSIGN_VERIFIER, COUNTERSIGN_OPTIONS, CountersignGuard],
})
export class CountersignModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(
    @Inject(COUNTERSIGN_OPTIONS) private readonly options: CountersignOptions,
    @Inject(COUNTERSIGN_VERIFIER) private readonly verifier: Verifier,
  ) {
    super();
  }

  /** Requests that are still under way have been answered by now. */
  async onApplicationShutdown(): Promise<void> {
    if (!('verifier' in this.options)) await this.verifier.close();
  }
}

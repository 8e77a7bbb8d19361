import { ConfigurableModuleBuilder } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CountersignGuard } from './countersign.guard.js';
import type { CountersignOptions } from './countersign-options.js';
import { COUNTERSIGN_OPTIONS } from './options.token.js';

/** `forRoot` and `forRootAsync` of the module, with what is not for a factory to decide. */
export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<CountersignOptions>({
  optionsInjectionToken: COUNTERSIGN_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras(
    {
      /** Whether the guard stands before every route. Without it: `@UseGuards(CountersignGuard)`. */
      guard: true,
    },
    (definition, { guard }) => ({
      ...definition,
      global: true,
      providers: [
        ...(definition.providers ?? []),
        ...(guard ? [{ provide: APP_GUARD, useExisting: CountersignGuard }] : []),
      ],
    }),
  )
  .build();

import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { AccessGuard } from './access.guard.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ChangeAnswerInterceptor } from './change-answer.interceptor.js';
import { BearerStrategy } from './bearer.strategy.js';
import { ProblemFilter } from './problem.filter.js';
import { ValidationPipe } from './validation.pipe.js';

/**
 * The seam between HTTP and every Nest route: access, validation, problems. Needs global providers
 * of `CallerAuthenticator`, `ClientCertificates` and the configuration.
 */
@Module({
  imports: [PassportModule],
  providers: [
    ApiKeyStrategy,
    BearerStrategy,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_PIPE, useClass: ValidationPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: ChangeAnswerInterceptor },
  ],
})
export class HttpModule {}

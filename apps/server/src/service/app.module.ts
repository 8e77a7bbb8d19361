import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { WhoamiController } from '../endpoints/whoami/whoami.controller.js';
import { HttpModule } from '../http/http.module.js';
import { OperationsModule } from './operations.module.js';
import { RevocationsModule } from './revocations.module.js';
import { CredentialsModule, type ServiceParts } from './credentials.module.js';

/** The whole service, on top of what exists before Nest does. */
@Module({})
export class AppModule {
  static of(parts: ServiceParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CredentialsModule.of(parts),
        HttpModule,
        AdminModule,
        DataPlaneModule,
        OperationsModule,
        RevocationsModule,
      ],
      controllers: [WhoamiController],
    };
  }
}

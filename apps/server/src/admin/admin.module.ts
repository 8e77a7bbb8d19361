import { Module } from '@nestjs/common';
import { AuditEventsController } from './audit-events/audit-events.controller.js';
import { ChangeRunner } from './change-runner.js';
import { FederatedIdentitiesController } from './federated-identities/federated-identities.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { PrincipalKeysController } from './keys/principal-keys.controller.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { PrincipalsController } from './principals/principals.controller.js';
import { ReadRunner } from './read-runner.js';
import { ResourceServersController } from './resource-servers/resource-servers.controller.js';
import { RolesController } from './roles/roles.controller.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';
import { TrustedIssuersController } from './trusted-issuers/trusted-issuers.controller.js';

/**
 * The admin API. Needs `DataSource`, `ChangeFollower`, `API_KEY_MINTER`, `SIGNING_KEY_FACTORY`,
 * `SIGNING_KEY_POLICY` and `TRUSTED_ISSUER_POLICY` from a global module, and `HttpModule` for access and validation.
 */
@Module({
  controllers: [
    OrganizationsController,
    PrincipalsController,
    PrincipalKeysController,
    KeysController,
    RolesController,
    ResourceServersController,
    SigningKeysController,
    TrustedIssuersController,
    FederatedIdentitiesController,
    AuditEventsController,
  ],
  providers: [ChangeRunner, ReadRunner],
  exports: [ChangeRunner],
})
export class AdminModule {}

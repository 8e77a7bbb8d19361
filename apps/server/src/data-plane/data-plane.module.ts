import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { IntrospectEndpoint } from '../endpoints/introspect/introspect.endpoint.js';
import { ClientCredentialsGrant } from '../endpoints/token/client-credentials.grant.js';
import { RevokeEndpoint } from '../endpoints/revoke/revoke.endpoint.js';
import { RefreshTokenGrant } from '../endpoints/token/refresh-token.grant.js';
import { RefreshTokens } from '../endpoints/token/refresh-tokens.js';
import { TokenEndpoint } from '../endpoints/token/token.endpoint.js';
import { TokenExchangeGrant } from '../endpoints/token/token-exchange.grant.js';
import { CallerAuthentication } from './authenticate-caller.js';
import type { DataPlaneRoute } from './data-plane-route.js';

/** Every endpoint of the data plane. */
export const DATA_PLANE_ROUTES = Symbol('data plane routes');

/** Nest builds the hot endpoints and what they need, though it does not serve them. */
@Module({
  // For /revoke, which changes what the admin API changes.
  imports: [AdminModule],
  providers: [
    CallerAuthentication,
    ClientCredentialsGrant,
    TokenExchangeGrant,
    RefreshTokenGrant,
    RefreshTokens,
    IntrospectEndpoint,
    TokenEndpoint,
    RevokeEndpoint,
    {
      provide: DATA_PLANE_ROUTES,
      inject: [IntrospectEndpoint, TokenEndpoint, RevokeEndpoint],
      useFactory: (...routes: DataPlaneRoute[]) => routes,
    },
  ],
  exports: [DATA_PLANE_ROUTES],
})
export class DataPlaneModule {}
